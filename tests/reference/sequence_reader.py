"""A small network that reads a sequence step by step, and answers from its last hidden state."""

from torch import nn


class Reader(nn.Module):
    """Three outputs of sequences (samples, steps, 3), by a GRU of four states."""

    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.GRU(3, 4, batch_first=True), nn.Linear(4, 3)

    def forward(self, x):
        """Return (samples, 3)."""
        return self.head(self.rnn(x)[0][:, -1])
