#ifndef INIT_PAUSE_H
#define INIT_PAUSE_H

/*
 * pause: PID 1 of a namespace that others live in, such as a pod's. Reaps
 * whatever is left to it and returns once it is told to end by SIGTERM or
 * SIGINT; all other signals are without effect.
 */
void pause_run(void);

#endif
