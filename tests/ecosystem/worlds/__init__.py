"""Small environments of other libraries' formats, sound and faulty."""
