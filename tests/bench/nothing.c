/*
 * nothing [hold]: the child whose start costs least. With an argument it says
 * that it runs and stays until its input ends.
 */
#include <unistd.h>

int main(int argc, char **argv)
{
	char byte = '.';

	(void)argv;
	if (argc > 1 && write(STDOUT_FILENO, &byte, 1) == 1)
		while (read(STDIN_FILENO, &byte, 1) > 0)
			continue;
	return 0;
}
