/* SPDX-License-Identifier: Apache-2.0 */
/* Terms of Erlang and of Elixir as text, token by token: .app files and lock files are such.
 * Source: Erlang Reference Manual, "Data Types"; Elixir, "Syntax reference".
 *
 *     {application, 'x', [{vsn, "1.2"}]}.                       % comment
 *     %{"x": {:hex, :x, "1.2.3", "sum", [:mix], [], "hexpm"}}   # comment */
#ifndef PRQ_FORMAT_BEAMTERM_H
#define PRQ_FORMAT_BEAMTERM_H

#include "base/str.h"

enum prq_beam_kind {
    PRQ_BEAM_END,
    PRQ_BEAM_OPEN,  /* text: "{", "[", "(", "<<"; of maps "{" */
    PRQ_BEAM_CLOSE, /* text: "}", "]", ")", ">>" */
    PRQ_BEAM_TEXT,  /* "x", <<"x">>, in Elixir 'x': what is between the quotes, raw */
    PRQ_BEAM_ATOM,  /* x, 'x', in Elixir :x; also numbers and variables */
    PRQ_BEAM_MARK,  /* the rest, byte by byte */
};

struct prq_beam_token {
    enum prq_beam_kind kind;
    prq_str text;
    size_t at;
};

struct prq_beam {
    prq_str in;
    size_t at;
    bool is_elixir;
    bool is_cut; /* something has no end */
    size_t cut_at;
};

void prq_beam_init(struct prq_beam *b, prq_str in, bool is_elixir);
struct prq_beam_token prq_beam_next(struct prq_beam *b);
static inline bool prq_beam_is(struct prq_beam_token t, enum prq_beam_kind kind, prq_str text)
{
    return t.kind == kind && prq_str_eq(t.text, text);
}

/* A member of a tuple or list: a token, or of what is nested all from its opening to its end. */
struct prq_beam_field {
    enum prq_beam_kind kind; /* END: empty; OPEN: nested */
    prq_str text;
};

/* After an OPEN: the next member, over its comma. False at the end (consumed); without one is_cut
 * tells, and the last member may be a part of itself. A member of several tokens
 * ("a" => 1) is handed out as its last one. */
bool prq_beam_member(struct prq_beam *b, struct prq_beam_field *out);
/* The first `max` members of a nested one; how many there are of them. What is missing is END. */
size_t prq_beam_members(prq_str nested, bool is_elixir, struct prq_beam_field *out, size_t max);

#endif
