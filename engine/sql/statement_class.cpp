#include "engine/sql/statement_class.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace drydock::sql {
namespace {

// Walks over the tokens of a statement.
class Words {
  public:
    explicit Words(const std::vector<Token>& tokens) : tokens_(tokens) {}

    // Steps over these words when they stand here.
    template <class... More>
    bool take(std::string_view word, More... more) {
        const std::size_t before = at_;
        if (at_ < tokens_.size() && tokens_[at_].is(word)) {
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
    // True when one of `words` stands here.
    template <std::size_t n>
    [[nodiscard]] bool at_one_of(const std::array<std::string_view, n>& words) const {
        return at_ < tokens_.size() && std::ranges::any_of(words, [this](std::string_view word) {
                   return tokens_[at_].is(word);
               });
    }
    [[nodiscard]] bool at_end() const { return at_ >= tokens_.size(); }
    // A list in parentheses, as in REINDEX (VERBOSE, CONCURRENTLY): true when it has `word`.
    bool take_list_with(std::string_view word) {
        bool found = false;
        if (at_end() || tokens_[at_].text != "(") return found;
        while (!at_end() && tokens_[at_].text != ")") found = tokens_[at_++].is(word) || found;
        if (!at_end()) ++at_;
        return found;
    }
    // A name, with its schema.
    void skip_name() {
        while (!at_end()) {
            ++at_;
            if (at_end() || tokens_[at_].text != ".") return;
            ++at_;
        }
    }
    // Steps behind the next `word`, wherever it stands.
    bool find(std::string_view word) {
        while (!at_end()) {
            if (tokens_[at_++].is(word)) return true;
        }
        return false;
    }

  private:
    const std::vector<Token>& tokens_;
    std::size_t at_ = 0;
};

InTransaction refused_when(bool refused) {
    return refused ? InTransaction::Refused : InTransaction::Runs;
}

// `option = false`, or off, in WITH (…).
bool switched_off(const std::vector<Token>& tokens, std::string_view option) {
    for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
        const Token& value = tokens[i + 2];
        if (tokens[i].is(option) && tokens[i + 1].text == "=")
            return value.is("false") || value.is("off") || value.text == "0" ||
                   value.text == "'false'" || value.text == "'off'";
    }
    return false;
}

InTransaction created(Words& words, const std::vector<Token>& tokens) {
    if (words.take("subscription")) {
        return refused_when(!switched_off(tokens, "connect") &&
                            !switched_off(tokens, "create_slot"));
    }
    if (words.take("database") || words.take("tablespace")) return InTransaction::Refused;
    words.take("unique");
    return refused_when(words.take("index", "concurrently"));
}

InTransaction dropped(Words& words) {
    return refused_when(words.take("database") || words.take("tablespace") ||
                        words.take("subscription") || words.take("index", "concurrently"));
}

InTransaction reindexed(Words& words) {
    if (words.take_list_with("concurrently")) return InTransaction::Refused;
    const bool many = words.take("database") || words.take("system") || words.take("schema");
    words.take("index");
    words.take("table");
    return refused_when(many || words.take("concurrently"));
}

InTransaction altered(Words& words, const std::vector<Token>& tokens) {
    if (words.take("system")) return InTransaction::Refused;
    if (words.take("type")) {
        words.skip_name();
        return words.take("add", "value") ? InTransaction::RunsSincePostgres12
                                          : InTransaction::Runs;
    }
    if (words.take("database")) {
        words.skip_name();
        return refused_when(words.take("set", "tablespace"));
    }
    if (words.take("subscription")) {
        words.skip_name();
        const bool refreshes = words.take("refresh") || ((words.take("set", "publication") ||
                                                          words.take("add", "publication") ||
                                                          words.take("drop", "publication")) &&
                                                         !switched_off(tokens, "refresh"));
        return refused_when(refreshes);
    }
    if (!words.take("table") || !words.find("detach") || !words.take("partition"))
        return InTransaction::Runs;
    words.skip_name();
    return refused_when(words.take("concurrently"));
}

InTransaction on_postgres(const std::vector<Token>& tokens) {
    Words words(tokens);
    if (words.take("create")) return created(words, tokens);
    if (words.take("drop")) return dropped(words);
    if (words.take("reindex")) return reindexed(words);
    if (words.take("alter")) return altered(words, tokens);
    if (words.take("cluster")) {
        words.take_list_with("verbose");
        words.take("verbose");
        return refused_when(words.at_end());  // every table that was clustered before
    }
    return refused_when(words.take("vacuum") || words.take("discard", "all") ||
                        words.take("commit", "prepared") || words.take("rollback", "prepared"));
}

InTransaction on_sqlite(const std::vector<Token>& tokens) {
    if (tokens.front().is("vacuum")) return InTransaction::Refused;
    if (!tokens.front().is("pragma")) return InTransaction::Runs;
    const std::size_t at = tokens.size() > 3 && tokens[2].text == "." ? 3 : 1;  // main.foreign_keys
    if (at >= tokens.size()) return InTransaction::Runs;
    const bool sets =
        at + 1 < tokens.size() && (tokens[at + 1].text == "=" || tokens[at + 1].text == "(");
    if (!sets) return InTransaction::Runs;
    if (tokens[at].is("foreign_keys")) return InTransaction::Ignored;
    return refused_when(tokens[at].is("journal_mode") || tokens[at].is("synchronous") ||
                        tokens[at].is("temp_store"));
}

}  // namespace

bool controls_transaction(const std::vector<Token>& tokens) {
    constexpr std::array<std::string_view, 7> kWords{"begin",     "commit",  "end",  "rollback",
                                                     "savepoint", "release", "abort"};
    Words words(tokens);
    return words.at_one_of(kWords) || words.take("start", "transaction") ||
           words.take("prepare", "transaction");
}

InTransaction in_transaction(const std::vector<Token>& tokens, Dialect dialect) {
    return dialect == Dialect::Sqlite ? on_sqlite(tokens) : on_postgres(tokens);
}

}  // namespace drydock::sql
