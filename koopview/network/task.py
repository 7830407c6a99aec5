"""STUB"""


def checked_task(shape, dataset, name):
    return None if dataset.y_test is None else "classes"


def decision_threshold(network):
    return 0.0
