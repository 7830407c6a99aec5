"""STUB"""


class Pseudospectrum: ...


def pseudospectrum_around(matrix, values, progress):
    raise NotImplementedError
