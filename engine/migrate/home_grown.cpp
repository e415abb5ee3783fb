#include "engine/migrate/home_grown.h"

#include <algorithm>
#include <array>

#include "engine/error.h"

namespace drydock::migrate {
namespace {


constexpr std::array<std::string_view, 5> kFields{"key_column", "key", "checksum_column",
                                                  "checksum", "applied_at_column"};
constexpr std::array<std::string_view, 3> kKeys{"number", "version", "file name"};
constexpr std::array<std::string_view, 4> kChecksums{"sha256", "sha1", "md5", "crc32"};

[[noreturn]] void refuse(const std::string& what, std::string hint) {
    throw Error(ErrorCode::Document, "home_grown: " + what, std::move(hint));
}

// Empty: it is not there.
std::string text_of(const Value& map, std::string_view field) {
    const Value* found = map.member(field);
    if (found == nullptr || found->is_null()) return {};
    const auto* text = found->find<std::string>();
    if (text == nullptr || text->empty())
        refuse(std::string(field) + " is no text", "a name, or leave it out");
    return *text;
}

template <class Word, std::size_t kCount>
Word word_of(const Value& map, std::string_view field,
             const std::array<std::string_view, kCount>& words) {
    const std::string text = text_of(map, field);
    if (text.empty()) return Word{};
    const auto* const found = std::ranges::find(words, text);
    if (found == words.end()) {
        std::string known;
        for (const std::string_view word : words)
            known += (known.empty() ? "" : ", ") + std::string(word);
        refuse(std::string(field) + " is `" + text + "`", "one of " + known);
    }
    return static_cast<Word>(found - words.begin());
}

}  // namespace

HomeGrown home_grown_from(const Value& map) {
    const auto* fields = map.find<Value::Map>();
    if (fields == nullptr) refuse("it is no map", "home_grown: {key_column: version}");
    for (const auto& [name, value] : *fields) {
        if (std::ranges::find(kFields, name) == kFields.end())
            refuse("there is no `" + name + "` in it",
                   "key_column, key, checksum_column, checksum, applied_at_column");
    }
    HomeGrown made{.key_column = text_of(map, "key_column"),
                   .key = word_of<HomeGrown::Key>(map, "key", kKeys),
                   .checksum_column = text_of(map, "checksum_column"),
                   .checksum = word_of<HomeGrown::Checksum>(map, "checksum", kChecksums),
                   .applied_at_column = text_of(map, "applied_at_column")};
    if (made.key_column.empty())
        refuse("it has no key_column", "the column that says which migration a row is of");
    if (made.checksum_column.empty() && !text_of(map, "checksum").empty())
        refuse("checksum without checksum_column", "name the column that holds it");
    return made;
}

}  // namespace drydock::migrate
