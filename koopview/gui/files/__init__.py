"""What goes into files and comes out of them, and how a person is asked about it."""
