"""Before any training: is a task, an environment or a reward worth training on?"""
