"""Exercise checks: not done yet, correct, or the usual mistake by name."""

from helpers.checks.classification import (
    check_confident_mistakes,
    check_confusion_counts,
    check_padding_share,
    check_training_steps,
)
from helpers.checks.entities import (
    check_entity_counts,
    check_find_entities,
    check_hide_names,
    check_label_confusions,
)
from helpers.checks.fewshot import (
    check_affordable_iterations,
    check_draw_few,
    check_is_safetensors,
    check_nearest_centroid,
    check_templated_rows,
)
from helpers.checks.freezing import (
    check_frozen_layers,
    check_luck,
    check_names_to_train,
    check_sweep_passes,
    check_training_megabytes,
)
from helpers.checks.labels import (
    check_continue_label,
    check_keep_first,
    check_read_columns,
    check_words_lost,
)
from helpers.checks.loop import (
    check_batch_loss,
    check_gather_rows,
    check_optimizer_steps,
    check_stop_early,
)
from helpers.checks.masking import (
    check_count_fates,
    check_cut_blocks,
    check_number_words,
    check_perplexity,
)
from helpers.checks.spans import (
    check_answer_f1,
    check_answer_or_nothing,
    check_best_threshold,
    check_count_windows,
)
from helpers.checks.start import check_decode_label, check_label_counts, check_majority_baseline
from helpers.checks.verdict import Verdict

__all__ = [
    "Verdict",
    "check_affordable_iterations",
    "check_answer_f1",
    "check_answer_or_nothing",
    "check_batch_loss",
    "check_best_threshold",
    "check_confident_mistakes",
    "check_confusion_counts",
    "check_continue_label",
    "check_count_fates",
    "check_count_windows",
    "check_cut_blocks",
    "check_decode_label",
    "check_draw_few",
    "check_entity_counts",
    "check_find_entities",
    "check_frozen_layers",
    "check_gather_rows",
    "check_hide_names",
    "check_is_safetensors",
    "check_keep_first",
    "check_label_confusions",
    "check_label_counts",
    "check_luck",
    "check_majority_baseline",
    "check_names_to_train",
    "check_nearest_centroid",
    "check_number_words",
    "check_optimizer_steps",
    "check_padding_share",
    "check_perplexity",
    "check_read_columns",
    "check_stop_early",
    "check_sweep_passes",
    "check_templated_rows",
    "check_training_megabytes",
    "check_training_steps",
    "check_words_lost",
]
