"""How well an agent does (`scores`), and one episode press by press (`traces`)."""
