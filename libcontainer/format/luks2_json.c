// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/luks2_json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include "format/text.h"

#define DEPTH_MAX 16
#define BASE64_MAX 128 /* characters; salts and digests are at most 64 bytes */

typedef struct json_object json;

static void json_cleanup(json **o)
{
	json_object_put(*o);
}

static void tokener_cleanup(struct json_tokener **t)
{
	if (*t)
		json_tokener_free(*t);
}

/* The member name of o if it has this type; NULL otherwise. */
static json *get(json *o, const char *name, enum json_type type)
{
	json *member;

	if (!json_object_object_get_ex(o, name, &member) || !json_object_is_type(member, type))
		return NULL;
	return member;
}

static bool get_text(json *o, const char *name, char *ret_text, size_t size)
{
	json *member = get(o, name, json_type_string);
	size_t length = member ? (size_t)json_object_get_string_len(member) : 0;

	if (!member || length >= size || strlen(json_object_get_string(member)) != length)
		return false;
	memcpy(ret_text, json_object_get_string(member), length + 1);
	return true;
}

/* Decimal digits only: no sign, no space, no overflow. */
static bool parse_u64(const char *text, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || !cdisk_mul_u64(value, 10, &value) ||
		    !cdisk_add_u64(value, (uint64_t)(*text - '0'), &value))
			return false;
	}
	*ret_value = value;
	return true;
}

/* LUKS2 keeps 64-bit numbers as strings, smaller ones as integers. */
static bool get_u64(json *o, const char *name, uint64_t *ret_value)
{
	char text[24];

	return get_text(o, name, text, sizeof(text)) && parse_u64(text, ret_value);
}

static bool get_u32(json *o, const char *name, uint32_t *ret_value)
{
	json *member = get(o, name, json_type_int);
	int64_t value = member ? json_object_get_int64(member) : -1;

	if (value < 0 || value > UINT32_MAX)
		return false;
	*ret_value = (uint32_t)value;
	return true;
}

static bool number_of(const char *key, unsigned int *ret_number)
{
	uint64_t value;

	if (!parse_u64(key, &value) || value >= CDISK_LUKS2_OBJECTS_MAX)
		return false;
	*ret_number = (unsigned int)value;
	return true;
}

/* An array of names of objects as a bit mask. */
static bool get_mask(json *o, const char *name, uint32_t *ret_mask)
{
	json *array = get(o, name, json_type_array);
	uint32_t mask = 0;
	unsigned int number;
	size_t i;

	if (!array)
		return false;
	for (i = 0; i < json_object_array_length(array); i++) {
		json *member = json_object_array_get_idx(array, i);

		if (!json_object_is_type(member, json_type_string) ||
		    !number_of(json_object_get_string(member), &number))
			return false;
		mask |= UINT32_C(1) << number;
	}
	*ret_mask = mask;
	return true;
}

static int base64_value(char ch)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = ch ? strchr(digits, ch) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool get_base64(json *o, const char *name, uint8_t *ret_data, size_t max, size_t *ret_size)
{
	char text[BASE64_MAX];
	uint32_t bits = 0;
	unsigned int n_bits = 0;
	size_t size = 0, i;

	if (!get_text(o, name, text, sizeof(text)))
		return false;
	for (i = 0; text[i] && text[i] != '='; i++) {
		int value = base64_value(text[i]);

		if (value < 0)
			return false;
		bits = (bits << 6 | (uint32_t)value) & 0xffffff;
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		if (size == max)
			return false;
		ret_data[size++] = (uint8_t)(bits >> n_bits);
	}
	*ret_size = size;
	return size > 0 && strspn(text + i, "=") == strlen(text + i);
}

static bool parse_kdf(json *o, struct cdisk_kdf *kdf)
{
	uint32_t passes, memory;

	if (!o || !get_text(o, "type", kdf->type, sizeof(kdf->type)))
		return false;
	if (!get_base64(o, "salt", kdf->salt, sizeof(kdf->salt), &kdf->salt_size))
		return false;
	if (strcmp(kdf->type, "pbkdf2") == 0) {
		if (!get_text(o, "hash", kdf->hash, sizeof(kdf->hash)) ||
		    !get_u32(o, "iterations", &passes))
			return false;
		kdf->passes = passes;
		return true;
	}
	if (!get_u32(o, "time", &passes) || !get_u32(o, "memory", &memory) ||
	    !get_u32(o, "cpus", &kdf->lanes))
		return false;
	kdf->passes = passes;
	kdf->memory = memory;
	return true;
}

static bool parse_area(json *o, struct cdisk_slot *slot)
{
	uint64_t end;

	return o && get_u64(o, "offset", &slot->area_offset) &&
	       get_u64(o, "size", &slot->area_size) &&
	       cdisk_add_u64(slot->area_offset, slot->area_size, &end);
}

static const char *parse_keyslot(json *o, unsigned int number, struct cdisk_luks2 *m)
{
	struct cdisk_luks2_keyslot *k = &m->keyslots[m->n_keyslots];
	json *area = get(o, "area", json_type_object);
	json *af = get(o, "af", json_type_object);
	char type[32];

	k->slot.number = (int)number;
	k->priority = 1;
	if (!get_text(o, "type", type, sizeof(type)))
		return "a keyslot has no type";
	if (!parse_area(area, &k->slot))
		return "a keyslot's area is wrong";
	m->n_keyslots++;
	if (json_object_object_get_ex(o, "priority", NULL) && !get_u32(o, "priority", &k->priority))
		return "a keyslot's priority is wrong";
	k->opens = strcmp(type, "luks2") == 0;
	if (!k->opens)
		return NULL;
	if (!get_u32(o, "key_size", &k->slot.key_size))
		return "a keyslot's key size is wrong";
	if (!get_text(area, "encryption", k->slot.cipher, sizeof(k->slot.cipher)) ||
	    !get_u32(area, "key_size", &k->slot.area_key_size))
		return "a keyslot's area is wrong";
	if (!af || !get_u32(af, "stripes", &k->slot.stripes) ||
	    !get_text(af, "hash", k->slot.af_hash, sizeof(k->slot.af_hash)))
		return "a keyslot's anti-forensic splitter is wrong";
	if (!parse_kdf(get(o, "kdf", json_type_object), &k->slot.kdf))
		return "a keyslot's key derivation is wrong";
	return NULL;
}

static const char *parse_segment(json *o, unsigned int number, struct cdisk_luks2 *m)
{
	struct cdisk_luks2_segment *s = &m->segments[m->n_segments++];
	char size[24];

	s->number = number;
	if (!get_text(o, "type", s->type, sizeof(s->type)))
		return "a segment has no type";
	if (!get_u64(o, "offset", &s->offset) || !get_text(o, "size", size, sizeof(size)))
		return "a segment's place is wrong";
	s->dynamic = strcmp(size, "dynamic") == 0;
	if (!s->dynamic && !parse_u64(size, &s->size))
		return "a segment's size is wrong";
	if (strcmp(s->type, "crypt") != 0)
		return NULL;
	s->integrity = json_object_object_get_ex(o, "integrity", NULL);
	if (!get_text(o, "encryption", s->encryption, sizeof(s->encryption)))
		return "a segment's cipher is wrong";
	if (!get_u64(o, "iv_tweak", &s->iv_tweak))
		return "a segment's IV offset is wrong";
	if (!get_u32(o, "sector_size", &s->sector_size))
		return "a segment's sector size is wrong";
	return NULL;
}

static const char *parse_digest(json *o, unsigned int number, struct cdisk_luks2 *m)
{
	struct cdisk_luks2_digest *d = &m->digests[m->n_digests++];
	struct cdisk_kdf *kdf = &d->digest.kdf;
	uint32_t iterations;

	(void)number;
	if (!get_text(o, "type", kdf->type, sizeof(kdf->type)))
		return "a digest has no type";
	if (!get_mask(o, "keyslots", &d->keyslots) || !get_mask(o, "segments", &d->segments))
		return "a digest's references are wrong";
	d->opens = strcmp(kdf->type, "pbkdf2") == 0;
	if (!d->opens)
		return NULL;
	if (!get_text(o, "hash", kdf->hash, sizeof(kdf->hash)) ||
	    !get_u32(o, "iterations", &iterations))
		return "a digest's key derivation is wrong";
	kdf->passes = iterations;
	if (!get_base64(o, "salt", kdf->salt, sizeof(kdf->salt), &kdf->salt_size) ||
	    !get_base64(o, "digest", d->digest.digest, sizeof(d->digest.digest),
			&d->digest.digest_size))
		return "a digest's value is wrong";
	return NULL;
}

/* Only our own tokens matter here: they name keyslots for people. */
static const char *parse_token(json *o, unsigned int number, struct cdisk_luks2 *m)
{
	char label[CDISK_NAME_SIZE] = "", kind[sizeof(m->keyslots[0].kind)] = "";
	uint32_t mask;
	char type[32];
	unsigned int i;

	(void)number;
	if (!get_text(o, "type", type, sizeof(type)) || strcmp(type, "cryptdisk") != 0)
		return NULL;
	if (!get_mask(o, "keyslots", &mask))
		return NULL;
	(void)get_text(o, "label", label, sizeof(label));
	(void)get_text(o, "kind", kind, sizeof(kind));
	for (i = 0; i < m->n_keyslots; i++) {
		struct cdisk_luks2_keyslot *k = &m->keyslots[i];

		if (!(mask & UINT32_C(1) << k->slot.number))
			continue;
		cdisk_text_printable(k->label, sizeof(k->label), label, sizeof(label));
		cdisk_text_ascii(k->kind, sizeof(k->kind), kind, sizeof(kind));
	}
	return NULL;
}

typedef const char *(*object_fn)(json *o, unsigned int number, struct cdisk_luks2 *m);

/* Calls fn for the objects of a section, in rising order of their numbers. */
static const char *section(json *root, const char *name, object_fn fn, struct cdisk_luks2 *m)
{
	json *objects[CDISK_LUKS2_OBJECTS_MAX] = {NULL};
	json *o = get(root, name, json_type_object);
	const char *why = NULL;
	unsigned int number;

	if (!o)
		return "a section of the metadata is missing";
	json_object_object_foreach(o, key, value)
	{
		if (!number_of(key, &number) || !json_object_is_type(value, json_type_object))
			return "the metadata has an object with a wrong name or type";
		if (objects[number])
			return "the metadata has two objects of one name";
		objects[number] = value;
	}
	for (number = 0; number < CDISK_LUKS2_OBJECTS_MAX && !why; number++)
		if (objects[number])
			why = fn(objects[number], number, m);
	return why;
}

static const char *parse_requirements(json *config, struct cdisk_luks2 *m)
{
	json *requirements, *mandatory;
	size_t i, used = 0;

	if (!json_object_object_get_ex(config, "requirements", &requirements))
		return NULL;
	mandatory = get(requirements, "mandatory", json_type_array);
	if (!mandatory) /* what cannot be read is not met */
		(void)snprintf(m->requirements, sizeof(m->requirements), "unknown");
	for (i = 0; mandatory && i < json_object_array_length(mandatory); i++) {
		json *o = json_object_array_get_idx(mandatory, i);
		const char *text = json_object_is_type(o, json_type_string)
					   ? json_object_get_string(o)
					   : "unknown";
		char name[64];

		cdisk_text_ascii(name, sizeof(name), *text ? text : "unknown", sizeof(name));
		if (used + strlen(name) + 2 > sizeof(m->requirements))
			break;
		used += (size_t)snprintf(m->requirements + used, sizeof(m->requirements) - used,
					 "%s%s", used ? "," : "", name);
	}
	return NULL;
}

static const char *parse_config(json *root, struct cdisk_luks2 *m)
{
	json *config = get(root, "config", json_type_object);

	if (!config || !get_u64(config, "keyslots_size", &m->keyslots_size))
		return "the size of the keyslots area is wrong";
	return parse_requirements(config, m);
}

static const char *parse_all(json *root, struct cdisk_luks2 *m)
{
	const char *why = parse_config(root, m);

	if (!why)
		why = section(root, "keyslots", parse_keyslot, m);
	if (!why)
		why = section(root, "segments", parse_segment, m);
	if (!why)
		why = section(root, "digests", parse_digest, m);
	if (!why)
		why = section(root, "tokens", parse_token, m);
	return why;
}

/* Inside strings, too: parsers differ in what they take for one. */
bool cdisk_luks2_text_bounded(const char *text, size_t size)
{
	size_t length = strnlen(text, size), parts = 0, i;

	for (i = 0; i < length && parts <= CDISK_LUKS2_PARTS_MAX; i++)
		parts += text[i] == ',' || text[i] == '{' || text[i] == '[';
	return parts <= CDISK_LUKS2_PARTS_MAX;
}

int cdisk_luks2_parse(const char *text, size_t size, struct cdisk_luks2 *ret_luks2,
		      const char **ret_why)
{
	CDISK_CLEANUP(tokener_cleanup)
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	CDISK_CLEANUP(json_cleanup) json *root = NULL;
	_cleanup_free_ struct cdisk_luks2 *m = calloc(1, sizeof(*m));
	size_t length = strnlen(text, size);

	if (!tokener || !m)
		return -ENOMEM;
	*ret_why = "the metadata is too large";
	if (length > CDISK_LUKS2_JSON_MAX || !cdisk_luks2_text_bounded(text, length))
		return -EBADMSG;
	root = json_tokener_parse_ex(tokener, text, (int)length);
	*ret_why = "the metadata is not JSON";
	if (!root || !json_object_is_type(root, json_type_object))
		return -EBADMSG;
	*ret_why = parse_all(root, m);
	if (*ret_why)
		return -EBADMSG;
	*ret_luks2 = *m;
	return 0;
}

const struct cdisk_luks2_digest *cdisk_luks2_digest_of(const struct cdisk_luks2 *m, int keyslot)
{
	unsigned int i;

	for (i = 0; i < m->n_digests; i++)
		if (m->digests[i].opens && (m->digests[i].keyslots & UINT32_C(1) << keyslot))
			return &m->digests[i];
	return NULL;
}

int cdisk_luks2_token_text(int keyslot, const char *label, const char *kind, char **ret_text)
{
	CDISK_CLEANUP(json_cleanup) json *o = json_object_new_object();
	json *slots = json_object_new_array();
	char number[16];
	char *text;

	if (!o || !slots) {
		json_object_put(slots);
		return -ENOMEM;
	}
	(void)snprintf(number, sizeof(number), "%d", keyslot);
	json_object_array_add(slots, json_object_new_string(number));
	json_object_object_add(o, "type", json_object_new_string("cryptdisk"));
	json_object_object_add(o, "keyslots", slots);
	if (label[0])
		json_object_object_add(o, "label", json_object_new_string(label));
	if (kind[0])
		json_object_object_add(o, "kind", json_object_new_string(kind));
	text = strdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	return 0;
}
