"""All of Qt and pyqtgraph, and the only place that imports them; one file a panel."""
