/* SPDX-License-Identifier: Apache-2.0 */
/* As much of Ruby's spelling as it takes to see where strings, comments and here-documents end.
 * Nothing is evaluated. Source: Ruby documentation, "Literals" and "Comments". */
#ifndef PRQ_ANALYZE_RUBYTOKEN_H
#define PRQ_ANALYZE_RUBYTOKEN_H

#include "base/arena.h"

enum prq_ruby_kind {
    PRQ_RUBY_END,
    PRQ_RUBY_NEWLINE, /* also ';' */
    PRQ_RUBY_WORD,    /* identifiers, keywords, numbers, $global, @variable */
    PRQ_RUBY_STRING,  /* 'x', "x", %q(x), %Q(x), %(x) */
    PRQ_RUBY_LIST,    /* %w(a b), %W(a b) */
    PRQ_RUBY_MARK,    /* '=', '.', '::', "==" …: text says which; also the place of a here-document
                       * or a regular expression, with empty text */
};

struct prq_ruby_token {
    enum prq_ruby_kind kind;
    prq_str text;       /* of strings: what is between the delimiters, raw */
    size_t at;
    bool is_escaped;    /* of strings: backslashes mean more than themselves and #{} counts */
    bool is_open;       /* a string that has no end */
};

struct prq_ruby {
    prq_str in;
    size_t at;
    struct prq_ruby_token last; /* the one before */
    struct {
        prq_str word;
        bool may_indent;
    } heredocs[8]; /* that begin after this line */
    size_t heredoc_count;
    size_t no_regex_before;
    bool is_cut; /* a string or a here-document had no end */
    size_t cut_at;
};

void prq_ruby_init(struct prq_ruby *r, prq_str in);
struct prq_ruby_token prq_ruby_next(struct prq_ruby *r);

/* What a string is once its escapes are undone. `value_of` gives what #{name} stands for
 * (p == NULL: not known). p == NULL: not to be told from the text alone, or memory ran out. */
typedef prq_str (*prq_ruby_value)(void *user, prq_str name);
prq_str prq_ruby_text(const struct prq_ruby_token *t, prq_ruby_value value_of, void *user,
                      struct prq_arena *a);

#endif
