"""Pictures of numbers, each of one kind, and what they have in common: pens, colours, markers, legends."""
