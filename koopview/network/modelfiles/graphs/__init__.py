"""Graphs in files, as graphs of PyTorch operators: those of torch.export, ONNX and TorchScript."""
