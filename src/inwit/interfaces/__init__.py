"""Ways to use the library. They read its public parts and nothing depends on them."""
