"""The replaced layer as a torch module, its controls, scores and their errors."""
