#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sql/lexer.h"

// A walk over the tokens of one statement, which outlive it. Not thread-safe; never fails: at the
// end nothing is taken any more.
namespace drydock::migrate {

using Tokens = std::span<const sql::Token>;

// A name as the server keeps it: folded to lower case unless it is quoted.
[[nodiscard]] std::string folded(const sql::Token& token);

class TokenWalk final {
  public:
    explicit TokenWalk(Tokens tokens) : tokens_(tokens) {}

    [[nodiscard]] bool at_end() const { return at_ >= tokens_.size(); }
    [[nodiscard]] std::size_t position() const { return at_; }
    [[nodiscard]] bool at(std::string_view word) const {
        return !at_end() && tokens_[at_].is(word);
    }
    [[nodiscard]] bool at_symbol(char symbol) const {
        return !at_end() && tokens_[at_].kind == sql::Token::Kind::Symbol &&
               tokens_[at_].text.front() == symbol;
    }
    // The next token; at the end, the last one.
    [[nodiscard]] const sql::Token& token() const {
        return at_end() ? tokens_.back() : tokens_[at_];
    }

    // Steps over these words when all of them stand here.
    template <class... More>
    bool take(std::string_view word, More... more) {
        const std::size_t before = at_;
        if (at(word)) {
            ++at_;
            if constexpr (sizeof...(more) == 0) {
                return true;
            } else if (take(more...)) {
                return true;
            }
        }
        at_ = before;
        return false;
    }
    bool take_symbol(char symbol);
    // A name with its schema, folded; "public." and "main." are left out, as they go without
    // saying.
    std::string take_name();
    // Steps over a token, or over parentheses with all that is in them.
    void skip();
    // Steps behind the next `word` outside of parentheses; false: there is none, and here is the
    // end.
    bool find(std::string_view word);
    // What stands within the parentheses here, which are stepped over; empty when there are none.
    Tokens take_parentheses();
    [[nodiscard]] Tokens rest() const { return at_end() ? Tokens{} : tokens_.subspan(at_); }

  private:
    Tokens tokens_;
    std::size_t at_ = 0;
};

// `tokens` cut at the commas outside of parentheses; no piece is empty.
[[nodiscard]] std::vector<Tokens> cut_list(Tokens tokens);
// Whether `word` is among them, at any depth.
[[nodiscard]] bool has_word(Tokens tokens, std::string_view word);

}  // namespace drydock::migrate
