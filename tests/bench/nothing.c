/* nothing: the child whose start costs least. */
int main(void)
{
	return 0;
}
