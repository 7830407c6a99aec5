"""A loaded network: its layers, the activations up to a layer, the rest after it; data sets; files of both."""
