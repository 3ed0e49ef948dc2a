/* bf-info: the table of all subcommands. */
#ifndef BF_INFO_VERBS_H
#define BF_INFO_VERBS_H

#include "info.h"

/* By its name, or one the exchange has for it; capitals do not matter. FAULT_USAGE,
 * with those that come near, if there is none. */
const struct verb *info_verb(const struct tool *tool, const char *word, struct fault *f);
/* The usage lines, and a line a subcommand: what tool.usage is to be. */
void info_usage(struct buf *b);

#endif
