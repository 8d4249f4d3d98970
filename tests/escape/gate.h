/* gate: guesses at the cookie that execve asks for. */
#ifndef ESCAPE_GATE_H
#define ESCAPE_GATE_H

/*
 * execve with this fifth and sixth argument in a child, as a wrong guess is
 * death; where there is no child to be had, here. Ends if the program was
 * started; returns the signal that ended the child.
 */
int gate_guess(unsigned long fifth, unsigned long sixth);

#endif
