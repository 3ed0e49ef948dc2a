/*
 * The control path, which exists only here: /sim/v1/..., on the same port, from
 * loopback only, no key. GET status; GET, POST and DELETE faults (rules of the
 * fault language, one a line); POST do (`sim ...` actions, one a line); POST
 * clock (step=TIME further, or set=TIME). bf-sim(1) tells the rest.
 */
#ifndef BF_SIM_CONTROL_H
#define BF_SIM_CONTROL_H

#include "sim.h"

/* Whether the request is for the control path; then it is answered. */
bool control_request(struct sim *s, serve_id id, const struct http_req *r);
/* One `sim ACTION...` of the fault language: done now. FAULT_USAGE: what is
 * wrong with it. */
int control_do(struct sim *s, const char *action, struct fault *f);

#endif
