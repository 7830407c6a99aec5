"""The replaced layer as a torch module, accuracies and baselines."""
