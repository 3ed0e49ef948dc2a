/* Questions to a person at the terminal: on standard error, answered on standard input. */
#ifndef BF_PROFILE_ASK_H
#define BF_PROFILE_ASK_H

#include <stddef.h>

#include "core/fault.h"
#include "io/secret.h"

/* "question [preset]: " and a line; an empty one is the preset. FAULT_USAGE: the answers ended. */
int ask(const char *question, const char *preset, char *out, size_t size, struct fault *f);
/* Yes or no; asked until it is one of them. 1, 0, or -1. */
int ask_yes(const char *question, bool preset, struct fault *f);
/*
 * The same with echo off, whatever signal ends it; into s, which has room. Of a PEM all lines up
 * to its END. What was typed before the question is not taken: it stands on the screen.
 */
int ask_secret(const char *question, struct secret *s, struct fault *f);

#endif
