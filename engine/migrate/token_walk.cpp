#include "engine/migrate/token_walk.h"

#include <algorithm>

namespace drydock::migrate {

std::string folded(const sql::Token& token) {
    std::string name(token.text);
    if (token.kind == sql::Token::Kind::QuotedName)
        return name.size() < 2 ? name : name.substr(1, name.size() - 2);
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return name;
}

bool TokenWalk::take_symbol(char symbol) {
    if (!at_symbol(symbol)) return false;
    ++at_;
    return true;
}

std::string TokenWalk::take_name() {
    if (at_end()) return {};
    std::string name = folded(tokens_[at_++]);
    while (at_symbol('.') && at_ + 1 < tokens_.size()) {
        const bool plain = name == "public" || name == "main";
        name = (plain ? "" : name + ".") + folded(tokens_[at_ + 1]);
        at_ += 2;
    }
    return name;
}

void TokenWalk::skip() {
    if (at_end()) return;
    if (at_symbol('(')) {
        static_cast<void>(take_parentheses());
    } else {
        ++at_;
    }
}

bool TokenWalk::find(std::string_view word) {
    while (!at_end()) {
        if (take(word)) return true;
        skip();
    }
    return false;
}

Tokens TokenWalk::take_parentheses() {
    if (!at_symbol('(')) return {};
    const std::size_t from = ++at_;
    for (std::size_t depth = 1; !at_end(); ++at_) {
        if (at_symbol('(')) ++depth;
        if (at_symbol(')') && --depth == 0) return tokens_.subspan(from, at_++ - from);
    }
    return tokens_.subspan(from);
}

std::vector<Tokens> cut_list(Tokens tokens) {
    std::vector<Tokens> pieces;
    TokenWalk walk(tokens);
    std::size_t from = 0;
    const auto cut = [&](std::size_t end) {
        if (end > from) pieces.push_back(tokens.subspan(from, end - from));
    };
    while (!walk.at_end()) {
        if (walk.at_symbol(',')) {
            cut(walk.position());
            from = walk.position() + 1;
        }
        walk.skip();
    }
    cut(tokens.size());
    return pieces;
}

bool has_word(Tokens tokens, std::string_view word) {
    return std::ranges::any_of(tokens, [&](const sql::Token& one) { return one.is(word); });
}

}  // namespace drydock::migrate
