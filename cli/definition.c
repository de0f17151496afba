// SPDX-License-Identifier: GPL-2.0-or-later
#include "definition.h"

#include <ctype.h>
#include <errno.h>
#include <ini_configobj.h>
#include <ini_valueobj.h>
#include <stdio.h>
#include <string.h>
#include "cli.h"

#define SECTION "Volume"

static bool is_absolute(const char *value)
{
	return value[0] == '/';
}

static bool is_id(const char *value)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i;

	for (i = 0; i < sizeof(form); i++) {
		if (form[i] == 'x' ? !isxdigit((unsigned char)value[i]) ||
					     isupper((unsigned char)value[i])
				   : value[i] != form[i])
			return false;
	}
	return true;
}

static bool is_backend(const char *value)
{
	return option_accepts(OPT_BACKEND, value);
}

static bool is_text(const char *value)
{
	return value[0] != '\0';
}

static const struct key {
	const char *name;
	size_t offset, size; /* of its text in struct definition */
	bool (*check)(const char *value);
	const char *wanted;
} keys[] = {
#define KEY(name_, field_, check_, wanted_)                                          \
	{                                                                            \
		name_, offsetof(struct definition, field_),                          \
			sizeof(((struct definition *)NULL)->field_), check_, wanted_ \
	}
	KEY("File", file, is_absolute, "an absolute path"),
	KEY("Id", id, is_id, "an ID of 32 lower-case hex digits with its four dashes"),
	KEY("MountPoint", mountpoint, is_absolute, "an absolute path"),
	KEY("Options", options, is_text, "mount options"),
	KEY("Backend", backend, is_backend, "what --backend takes"),
};

/* Of the contract, and not in this version: nothing is promised that is not kept. */
static const char *const reserved[] = {"Scope", "Source", "Key", "Idle", "LockOn", "Discard",
	"OnLogin", "Automount", "KeyCheck", NULL};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

bool definition_name_is_good(const char *name)
{
	size_t i;

	if (!isalnum((unsigned char)name[0]))
		return false;
	for (i = 0; name[i]; i++) {
		unsigned char byte = (unsigned char)name[i];

		if (byte > 126 || (!isalnum(byte) && !strchr("-_.", byte)))
			return false;
	}
	return i < CDISK_NAME_SIZE;
}

bool definition_value_is_good(const char *value)
{
	size_t i;

	for (i = 0; value[i]; i++) {
		if ((unsigned char)value[i] < ' ' || value[i] == 127)
			return false;
	}
	return i == 0 || (value[0] != ' ' && value[i - 1] != ' ');
}

/* ---- parsing ----------------------------------------------------------------------------- */

static int wrong(
	struct cli *cli, const struct definition *d, int line, const char *what, const char *object)
{
	if (line > 0)
		(void)cli_fail(cli, -EINVAL, "line %d: %s %s", line, what, object);
	else
		(void)cli_fail(cli, -EINVAL, "%s %s", what, object);
	cli_object(cli, d->path);
	return -EINVAL;
}

/* The library's "Error (5) on line 3: Equal sign is missing." from "line" on. */
static int syntax_failed(struct cli *cli, const struct definition *d, struct ini_cfgobj *ini)
{
	char **errors = NULL;
	const char *said = NULL;

	if (ini_config_get_errors(ini, &errors) == 0 && errors && errors[0])
		said = strstr(errors[0], "line ");
	(void)cli_fail(cli, -EINVAL, "%s", said ? said : "is no file of Key=Value lines");
	cli_object(cli, d->path);
	if (errors)
		ini_config_free_errors(errors);
	return -EINVAL;
}

static int key_unknown(struct cli *cli, const struct definition *d, int line, const char *name)
{
	int i;

	for (i = 0; reserved[i]; i++) {
		if (strcmp(reserved[i], name) != 0)
			continue;
		(void)cli_fail(cli, -CDISK_ERR_UNSUPPORTED, "line %d: %s is not in this version",
			line, name);
		cli_object(cli, d->path);
		return -CDISK_ERR_UNSUPPORTED;
	}
	return wrong(cli, d, line, "there is no key", name);
}

static int value_take(struct cli *cli, struct definition *d, const char *name, struct value_obj *vo)
{
	const char *value;
	const struct key *key = NULL;
	uint32_t line = 0;
	size_t i, len;
	int e = 0;

	(void)value_get_line(vo, &line);
	for (i = 0; i < N_KEYS && !key; i++)
		key = strcmp(keys[i].name, name) == 0 ? &keys[i] : NULL;
	if (!key)
		return key_unknown(cli, d, (int)line, name);
	value = ini_get_const_string_config_value(vo, &e);
	if (e != 0 || !value)
		return wrong(cli, d, (int)line, name, "has no value that can be read");
	len = strlen(value);
	if (len >= key->size)
		return wrong(cli, d, (int)line, name, "is too long");
	if (!key->check(value) || !definition_value_is_good(value)) {
		(void)wrong(cli, d, (int)line, name, "is not what it has to be");
		cli_hint(cli, "%s is %s", name, key->wanted);
		return -EINVAL;
	}
	memcpy((char *)d + key->offset, value, len + 1);
	return 0;
}

static int section_take(struct cli *cli, struct definition *d, struct ini_cfgobj *ini)
{
	struct value_obj *vo;
	char **names;
	int i, n = 0, e = 0, r = 0;

	names = ini_get_attribute_list(ini, SECTION, &n, &e);
	for (i = 0; names && i < n && r == 0; i++) {
		vo = NULL;
		e = ini_get_config_valueobj(SECTION, names[i], ini, INI_GET_FIRST_VALUE, &vo);
		r = e == 0 && vo ? value_take(cli, d, names[i], vo)
				 : cli_fail(cli, -ENOMEM, "out of memory");
	}
	if (names)
		ini_free_attribute_list(names);
	return r;
}

static int sections_check(struct cli *cli, const struct definition *d, struct ini_cfgobj *ini)
{
	char **names;
	int i, n = 0, e = 0, r = 0;

	names = ini_get_section_list(ini, &n, &e);
	for (i = 0; names && i < n && r == 0; i++) {
		if (strcmp(names[i], SECTION) != 0)
			r = wrong(cli, d, 0, "only the section [" SECTION "] belongs there, not",
				names[i]);
	}
	if (r == 0 && n == 0)
		r = wrong(cli, d, 0, "there is no section", "[" SECTION "]");
	if (names)
		ini_free_section_list(names);
	return r;
}

static int ini_read(struct cli *cli, const char *text, size_t size, struct definition *d,
	struct ini_cfgobj *ini)
{
	_cleanup_free_ char *copy = malloc(size + 1);
	struct ini_cfgfile *file = NULL;
	int r;

	if (!copy)
		return cli_fail(cli, -ENOMEM, "out of memory");
	memcpy(copy, text, size);
	copy[size] = '\0';
	if (ini_config_file_from_mem(copy, (uint32_t)size, &file) != 0)
		return wrong(cli, d, 0, "cannot be read as", "text");
	/* The library's words for: a line that is none, a key that is there twice, wrapped lines.
	 */
	r = ini_config_parse(
		file, INI_STOP_ON_ANY, INI_MS_ERROR | INI_MV1S_ERROR, INI_PARSE_NOWRAP, ini);
	ini_config_file_destroy(file);
	return r == 0 ? 0 : syntax_failed(cli, d, ini);
}

int definition_parse(struct cli *cli, const char *text, size_t size, struct definition *d)
{
	struct ini_cfgobj *ini = NULL;
	int r;

	if (size > DEFINITION_MAX)
		return wrong(cli, d, 0, "is larger than", "64 KiB");
	if (memchr(text, '\0', size))
		return wrong(cli, d, 0, "there is a byte", "0");
	if (ini_config_create(&ini) != 0)
		return cli_fail(cli, -ENOMEM, "out of memory");
	r = size == 0 ? wrong(cli, d, 0, "is", "empty") : ini_read(cli, text, size, d, ini);
	if (r == 0)
		r = sections_check(cli, d, ini);
	if (r == 0)
		r = section_take(cli, d, ini);
	if (r == 0 && !d->file[0])
		r = wrong(cli, d, 0, "there is no", "File=");
	ini_config_destroy(ini);
	return r;
}

char *definition_format(const struct definition *d)
{
	char *text = NULL;
	size_t size = 0, i;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	(void)fprintf(out, "[" SECTION "]\n");
	for (i = 0; i < N_KEYS; i++) {
		const char *value = (const char *)d + keys[i].offset;

		if (value[0])
			(void)fprintf(out, "%s=%s\n", keys[i].name, value);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
