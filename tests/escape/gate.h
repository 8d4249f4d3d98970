/* gate: guesses at the cookie that execve asks for. */
#ifndef ESCAPE_GATE_H
#define ESCAPE_GATE_H

/* Where a cookie goes: arguments that execve does not use. */
struct guess {
	unsigned long fourth; /* looked at by 32-bit machines alone */
	unsigned long fifth;
	unsigned long sixth;
};

/*
 * execve with this guess in a child, as a wrong one is death; where there is no
 * child to be had, here. Ends if the program was started; returns the signal
 * that ended the child.
 */
int gate_guess(struct guess guess);

#endif
