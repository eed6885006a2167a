"""Training, from episodes to a run folder.

rollout, metrics           episodes of a batch; what an update reports of them
walk, program_search, random_search   programs found before training
replaying                  correct episodes, learnt from again
compiled, distributed      an update as one program; several processes for one run
health                     what is going wrong
run_folder, loop, resuming the run folder, the loop, and how a run continues
limits, racing, choosing   the limits, the network and the recipe of your own task
"""
