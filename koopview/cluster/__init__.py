"""Work on the workers of a Dask cluster (`dask.distributed`, the extra ``koopview[dask]``), imported when asked for.

`opening` connects to a cluster or starts one on this machine, `tasks` computes one function of many arguments there,
`trees` adds up what is left on the workers, `worker` is what runs on them. Nothing here knows of networks.
"""
