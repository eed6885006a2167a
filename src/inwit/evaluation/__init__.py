"""How well an agent does (`scores`, `intervals`), and one episode press by press (`traces`)."""
