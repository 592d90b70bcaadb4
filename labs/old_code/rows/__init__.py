"""The changes themselves, one module a topic."""

from labs.old_code.rows import (
    collators,
    data,
    hub,
    metrics,
    models,
    pipelines,
    setfit,
    tokenizers,
    trainer,
    training,
)

ROWS = (
    *data.ROWS,
    *metrics.ROWS,
    *training.ROWS,
    *trainer.ROWS,
    *collators.ROWS,
    *tokenizers.ROWS,
    *models.ROWS,
    *pipelines.ROWS,
    *hub.ROWS,
    *setfit.ROWS,
)

__all__ = ["ROWS"]
