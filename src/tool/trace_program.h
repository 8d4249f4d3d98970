#ifndef TOOL_TRACE_PROGRAM_H
#define TOOL_TRACE_PROGRAM_H

/* trace_program: start a program of this machine's and trace it to its end. */
struct err;
struct tally;

/*
 * Returns the program's exit code, 128 and more where a signal ended it, or -1
 * with *err filled where it could not be started or traced. argv ends with
 * NULL; argv[0] is looked for in PATH.
 */
int trace_program(struct tally *tally, char **argv, struct err *err);

#endif
