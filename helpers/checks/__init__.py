"""Exercise checks: not done yet, correct, or the usual mistake by name.

The check of an exercise is in lesson_NN/EXERCISE.py.
"""

from helpers.checks.lesson_00.decode_label import check_decode_label
from helpers.checks.lesson_00.label_counts import check_label_counts
from helpers.checks.lesson_00.majority_baseline import check_majority_baseline
from helpers.checks.lesson_01.confident_mistakes import check_confident_mistakes
from helpers.checks.lesson_01.confusion_counts import check_confusion_counts
from helpers.checks.lesson_01.padding_share import check_padding_share
from helpers.checks.lesson_01.training_steps import check_training_steps
from helpers.checks.lesson_02.continue_label import check_continue_label
from helpers.checks.lesson_02.keep_first import check_keep_first
from helpers.checks.lesson_02.labels_of_words import check_labels_of_words
from helpers.checks.lesson_02.read_columns import check_read_columns
from helpers.checks.lesson_02.words_lost import check_words_lost
from helpers.checks.lesson_03.count_entities import check_count_entities
from helpers.checks.lesson_03.entity_counts import check_entity_counts
from helpers.checks.lesson_03.find_entities import check_find_entities
from helpers.checks.lesson_03.hide_names import check_hide_names
from helpers.checks.lesson_03.label_confusions import check_label_confusions
from helpers.checks.lesson_04.batch_loss import check_batch_loss
from helpers.checks.lesson_04.gather_rows import check_gather_rows
from helpers.checks.lesson_04.optimizer_steps import check_optimizer_steps
from helpers.checks.lesson_04.repeated_rows import check_repeated_rows
from helpers.checks.lesson_04.stop_early import check_stop_early
from helpers.checks.lesson_05.answer_f1 import check_answer_f1
from helpers.checks.lesson_05.answer_or_nothing import check_answer_or_nothing
from helpers.checks.lesson_05.answer_text import check_answer_text
from helpers.checks.lesson_05.best_threshold import check_best_threshold
from helpers.checks.lesson_05.count_windows import check_count_windows
from helpers.checks.lesson_06.frozen_layers import check_frozen_layers
from helpers.checks.lesson_06.luck import check_luck
from helpers.checks.lesson_06.names_to_train import check_names_to_train
from helpers.checks.lesson_06.sweep_passes import check_sweep_passes
from helpers.checks.lesson_06.training_megabytes import check_training_megabytes
from helpers.checks.lesson_07.affordable_iterations import check_affordable_iterations
from helpers.checks.lesson_07.draw_few import check_draw_few
from helpers.checks.lesson_07.is_safetensors import check_is_safetensors
from helpers.checks.lesson_07.nearest_centroid import check_nearest_centroid
from helpers.checks.lesson_07.pair_counts import check_pair_counts
from helpers.checks.lesson_07.templated_rows import check_templated_rows
from helpers.checks.lesson_08.count_fates import check_count_fates
from helpers.checks.lesson_08.cut_blocks import check_cut_blocks
from helpers.checks.lesson_08.number_words import check_number_words
from helpers.checks.lesson_08.perplexity import check_perplexity
from helpers.checks.lesson_09.leaked_rows import check_leaked_rows
from helpers.checks.lesson_09.one_spelling import check_one_spelling
from helpers.checks.lesson_09.split_by_group import check_split_by_group
from helpers.checks.lesson_09.unknown_labels import check_unknown_labels
from helpers.checks.lesson_10.find_old_names import check_find_old_names
from helpers.checks.lesson_10.namespaced import check_namespaced
from helpers.checks.lesson_10.rename_keywords import check_rename_keywords
from helpers.checks.lesson_10.translate_arguments import check_translate_arguments
from helpers.checks.verdict import Verdict

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
