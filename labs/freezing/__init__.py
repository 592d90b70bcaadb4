"""Compare freezing strategies: an experiment, the lab that keeps its runs, panel and pictures."""
