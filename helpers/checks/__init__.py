"""Exercise checks: not done yet, correct, or the usual mistake by name."""

from helpers.checks.changes import check_namespaced, check_translate_arguments
from helpers.checks.classification import (
    check_confident_mistakes,
    check_confusion_counts,
    check_padding_share,
    check_training_steps,
)
from helpers.checks.entities import (
    check_count_entities,
    check_entity_counts,
    check_find_entities,
    check_hide_names,
    check_label_confusions,
)
from helpers.checks.fewshot import (
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
)
from helpers.checks.loop import (
    check_batch_loss,
    check_gather_rows,
    check_optimizer_steps,
    check_repeated_rows,
    check_stop_early,
)
from helpers.checks.masking import (
    check_count_fates,
    check_cut_blocks,
    check_number_words,
    check_perplexity,
)
from helpers.checks.own_data import (
    check_leaked_rows,
    check_one_spelling,
    check_split_by_group,
    check_unknown_labels,
)
from helpers.checks.pairs import check_affordable_iterations, check_pair_counts
from helpers.checks.rewriting import check_find_old_names, check_rename_keywords
from helpers.checks.spans import (
    check_answer_f1,
    check_answer_or_nothing,
    check_best_threshold,
)
from helpers.checks.start import check_decode_label, check_label_counts, check_majority_baseline
from helpers.checks.verdict import Verdict
from helpers.checks.windows import check_answer_text, check_count_windows
from helpers.checks.words import check_labels_of_words, check_words_lost

__all__ = [
    "Verdict",
    "check_affordable_iterations",
    "check_answer_f1",
    "check_answer_or_nothing",
    "check_answer_text",
    "check_batch_loss",
    "check_best_threshold",
    "check_confident_mistakes",
    "check_confusion_counts",
    "check_continue_label",
    "check_count_entities",
    "check_count_fates",
    "check_count_windows",
    "check_cut_blocks",
    "check_decode_label",
    "check_draw_few",
    "check_entity_counts",
    "check_find_entities",
    "check_find_old_names",
    "check_frozen_layers",
    "check_gather_rows",
    "check_hide_names",
    "check_is_safetensors",
    "check_keep_first",
    "check_label_confusions",
    "check_label_counts",
    "check_labels_of_words",
    "check_leaked_rows",
    "check_luck",
    "check_majority_baseline",
    "check_names_to_train",
    "check_namespaced",
    "check_nearest_centroid",
    "check_number_words",
    "check_one_spelling",
    "check_optimizer_steps",
    "check_padding_share",
    "check_pair_counts",
    "check_perplexity",
    "check_read_columns",
    "check_rename_keywords",
    "check_repeated_rows",
    "check_split_by_group",
    "check_stop_early",
    "check_sweep_passes",
    "check_templated_rows",
    "check_training_megabytes",
    "check_training_steps",
    "check_translate_arguments",
    "check_unknown_labels",
    "check_words_lost",
]
