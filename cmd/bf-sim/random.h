/* Letters and digits by chance: of the system, or of a seed. */
#ifndef BF_SIM_RANDOM_H
#define BF_SIM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random { bool seeded; uint64_t state; };

/* n letters and digits and a NUL. false: the system gives no random bytes. */
bool random_text(struct random *r, char *out, size_t n);

#endif
