#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "image/recipe.h"
#include "tool/build.h"
#include "tool/size.h"

/* Quoted where a shell would take it apart. */
static void print_quoted(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./:@%+,=";

	if (text[strspn(text, plain)] == '\0') {
		fputs(text, stdout);
		return;
	}
	putchar('\'');
	for (; *text; text++)
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	putchar('\'');
}

static void print_notes(const struct build *build)
{
	struct slice line, rest = buf_slice(&build->notes);

	while (slice_cut(&line, &rest, '\n'))
		printf("  note: %.*s\n", SLICE_ARGS(line));
}

/* Code that is exact on one machine may be open on another. */
static bool has_one_status(const struct build *build)
{
	for (size_t i = 1; i < build->recipe->arch_count; i++)
		if (strcmp(build->platform_filter[i].status,
			   build->platform_filter[0].status) != 0)
			return false;
	return true;
}

static void print_statuses(const struct build *build)
{
	for (size_t i = 0; i < build->recipe->arch_count; i++)
		printf("%s%s %s", i ? ", " : "", build->recipe->archs[i]->oci,
		       build->platform_filter[i].status);
}

/* Where it is not the same on all, who may is named. */
static void print_starts(const struct recipe *recipe)
{
	const struct recipe_archs *exec = &recipe->exec;

	if (recipe->arch_count < 2 || !exec->count) {
		puts(recipe->service.allow_exec ? "may start programs"
						: "starts once");
		return;
	}
	printf("starts once, may start programs on");
	for (size_t i = 0; i < exec->count; i++)
		printf("%s %s", i ? "," : "", exec->at[i]->oci);
	putchar('\n');
}

void build_print_filter(const struct build *build)
{
	const struct recipe *recipe = build->recipe;
	const struct service *service = &recipe->service;

	if (!has_one_status(build))
		print_statuses(build);
	else if (strcmp(recipe->filter.status, "listed") != 0)
		printf("%s", recipe->filter.status);
	else
		for (size_t i = 0; i < service->filter.count; i++)
			printf("%s%s", i ? " " : "", service->filter.at[i]);
	fputs("), ", stdout);
	print_starts(recipe);
	print_notes(build);
}

void build_print(const struct build *build)
{
	const struct recipe *recipe = build->recipe;
	const char *name = recipe->name;
	char size[SIZE_TEXT_MAX];

	printf("%s  %s  %s  ", build->output,
	       size_text(size, build->archive_size), build->manifest.text);
	for (size_t i = 0; recipe->arch_count > 1 && i < recipe->arch_count;
	     i++)
		printf("%s%s %zu", i ? ", " : "", recipe->archs[i]->oci,
		       build->platform_calls[i]);
	if (recipe->arch_count < 2)
		printf("%zu", build->calls);
	fputs(" calls (", stdout);
	build_print_filter(build);
	if (strncmp(name, "localhost/", 10) == 0)
		name += 10;
	printf("skopeo copy %soci-archive:",
	       recipe->arch_count > 1 || build->has_referrers ? "--all " : "");
	print_quoted(build->output);
	/* A first part with a dot or a colon is a registry already. */
	printf(" docker://%s%s:%s\n",
	       strcspn(name, ".:") < strcspn(name, "/") && strchr(name, '/')
		       ? ""
		       : "REGISTRY/",
	       name, recipe->tag);
}
