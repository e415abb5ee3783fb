#include "engine/schema/difference.h"

#include <algorithm>
#include <array>
#include <map>

#include "engine/error.h"

namespace drydock::schema {
namespace {

constexpr std::string_view kColumns = "columns";

std::string written(const Value& value) {
    const auto* list = value.find<Value::List>();
    if (list == nullptr) return to_text(value);
    std::string text;
    for (const Value& one : *list) text += (text.empty() ? "" : ", ") + to_text(one);
    return text;
}

std::string fact_of(const Object& object, const std::string& fact) {
    const auto found = object.facts.find(fact);
    return found == object.facts.end() ? std::string() : written(found->second);
}

// The names in `columns` of `object` that are also in that of `other`, in their order.
std::vector<std::string> columns_shared(const Object& object, const Object& other) {
    const auto names = [](const Object& of) {
        std::vector<std::string> texts;
        const auto found = of.facts.find(kColumns);
        if (found == of.facts.end()) return texts;
        if (const auto* list = found->second.find<Value::List>()) {
            for (const Value& one : *list) texts.push_back(to_text(one));
        }
        return texts;
    };
    const std::vector<std::string> others = names(other);
    const std::set<std::string> known(others.begin(), others.end());
    std::vector<std::string> shared = names(object);
    std::erase_if(shared, [&](const std::string& name) { return !known.contains(name); });
    return shared;
}

// The object whose fate an added or removed one shares.
std::string went_with(const Object& object, const Catalog& there, const Catalog& elsewhere) {
    const auto parent = there.objects.find(object.parent);
    if (parent == there.objects.end() || parent->second.kind == "schema") return {};
    return elsewhere.objects.contains(object.parent) ? std::string() : object.parent;
}

Change whole(Change::Kind kind, const Object& object, std::string with) {
    Change change{.kind = kind, .type = object.kind, .name = object.name, .with = std::move(with)};
    for (const auto& [fact, value] : object.facts) {
        FactChange one{.fact = fact};
        (kind == Change::Kind::Added ? one.after : one.before) = written(value);
        change.facts.push_back(std::move(one));
    }
    return change;
}

void compare(const Object& before, const Object& after, std::vector<Change>& changes) {
    Change change{.kind = Change::Kind::Changed, .type = after.kind, .name = after.name};
    std::set<std::string> facts;
    for (const Object* one : {&before, &after}) {
        for (const auto& [fact, value] : one->facts) facts.insert(fact);
    }
    for (const std::string& fact : facts) {
        if (fact == kColumns) continue;
        const auto had = before.facts.find(fact), has = after.facts.find(fact);
        if (had != before.facts.end() && has != after.facts.end() && had->second == has->second)
            continue;
        change.facts.push_back({fact, fact_of(before, fact), fact_of(after, fact)});
    }
    if (before.parent != after.parent) change.facts.push_back({"of", before.parent, after.parent});
    if (!change.facts.empty()) changes.push_back(std::move(change));
    // Columns that came or went are changes of their own.
    const std::vector<std::string> order = columns_shared(before, after);
    const std::vector<std::string> now = columns_shared(after, before);
    if (order == now) return;
    Change moved{.kind = Change::Kind::Reordered, .type = after.kind, .name = after.name};
    moved.facts.push_back({std::string(kColumns), fact_of(before, std::string(kColumns)),
                           fact_of(after, std::string(kColumns))});
    changes.push_back(std::move(moved));
}

// --- For people --------------------------------------------------------------------------------

std::string on_one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!blank)
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    while (line.ends_with(' ') || line.ends_with(';')) line.pop_back();
    return line;
}

constexpr std::size_t kLongText = 80;

// Of a long text the part from where it begins to differ; whole characters.
std::string excerpt(const std::string& text, std::size_t from) {
    constexpr std::size_t kBefore = 16;
    const auto inside = [&](std::size_t at) {
        return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U;
    };
    std::size_t begin = from > kBefore ? from - kBefore : 0;
    while (inside(begin)) --begin;
    std::size_t end = std::min(text.size(), begin + kLongText / 2);
    while (inside(end)) ++end;
    return (begin > 0 ? "…" : "") + text.substr(begin, end - begin) +
           (end < text.size() ? "…" : "");
}

std::string told(const FactChange& change) {
    std::string before = on_one_line(change.before), after = on_one_line(change.after);
    // What only says that it is so is said by its name.
    if (before == "yes" && after.empty()) return "no longer " + change.fact;
    if (before.empty() && after == "yes") return "now " + change.fact;
    if (before.size() > kLongText || after.size() > kLongText) {
        const auto differ = std::ranges::mismatch(before, after);
        const auto at = static_cast<std::size_t>(differ.in1 - before.begin());
        before = excerpt(before, at);
        after = excerpt(after, at);
    }
    return change.fact + " " + (before.empty() ? "none" : before) + " → " +
           (after.empty() ? "none" : after);
}

std::string plural(const std::string& type) {
    if (type.ends_with("x") || type.ends_with("ss")) return type + "es";
    if (type.ends_with("y")) return type.substr(0, type.size() - 1) + "ies";
    return type.ends_with("s") ? type : type + "s";
}

// "column" and 3: "3 columns".
std::string counted(std::size_t count, const std::string& type) {
    return std::to_string(count) + " " + (count == 1 ? type : plural(type));
}

std::string line_of(const Change& change, const std::map<std::string, std::size_t>& inside) {
    const std::string object = change.type + " " + change.name;
    if (change.kind == Change::Kind::Reordered)
        return "~ " + object + ": order of columns " + told(change.facts.front()).substr(8);
    if (change.kind == Change::Kind::Changed) {
        std::string text;
        for (const FactChange& fact : change.facts)
            text += (text.empty() ? " " : "; ") + told(fact);
        return "~ " + object + ":" + text;
    }
    std::string with;
    for (const auto& [type, count] : inside) {
        if (type != "column") with += (with.empty() ? "" : ", ") + counted(count, type);
    }
    if (!with.empty()) with = ", with " + with;
    if (change.kind == Change::Kind::Removed) return "- " + object + with;
    Value::Map facts;
    for (const FactChange& fact : change.facts) facts.emplace(fact.fact, fact.after);
    return "+ " + text_of(change.type, change.name, facts) + with;
}

std::string not_compared(const Difference& difference) {
    std::string text;
    for (const std::string& what : difference.not_compared)
        text += (text.empty() ? "" : ", ") + plural(what);
    return text.empty() ? text : "not compared, because the role may not read them: " + text;
}

}  // namespace

std::string_view name_of(Change::Kind kind) {
    constexpr std::array<std::string_view, 4> kNames{"added", "removed", "changed", "reordered"};
    return kNames.at(static_cast<std::size_t>(kind));
}

std::string_view name_of(Difference::Class how) {
    constexpr std::array<std::string_view, 3> kNames{"clean", "order only", "differs"};
    return kNames.at(static_cast<std::size_t>(how));
}

Difference::Class Difference::how() const {
    if (changes.empty()) return Class::Clean;
    return std::ranges::all_of(
               changes, [](const Change& one) { return one.kind == Change::Kind::Reordered; })
               ? Class::OrderOnly
               : Class::Differs;
}

Difference difference(const Catalog& before, const Catalog& after) {
    if (before.database != after.database) {
        throw Error(
            ErrorCode::Check,
            "a snapshot of " + before.database + " is compared with one of " + after.database,
            "compare two moments of one database, or two databases of one kind");
    }
    Difference found;
    found.not_compared = before.unread;
    found.not_compared.insert(after.unread.begin(), after.unread.end());
    for (const auto& [key, object] : before.objects) {
        if (found.not_compared.contains(object.kind)) continue;
        const auto now = after.objects.find(key);
        if (now != after.objects.end())
            compare(object, now->second, found.changes);
        else
            found.changes.push_back(
                whole(Change::Kind::Removed, object, went_with(object, before, after)));
    }
    for (const auto& [key, object] : after.objects) {
        if (before.objects.contains(key) || found.not_compared.contains(object.kind)) continue;
        found.changes.push_back(
            whole(Change::Kind::Added, object, went_with(object, after, before)));
    }
    std::ranges::stable_sort(found.changes, [](const Change& left, const Change& right) {
        return std::tie(left.type, left.name) < std::tie(right.type, right.name);
    });
    return found;
}

std::vector<std::string> lines(const Difference& difference) {
    std::map<std::string, std::map<std::string, std::size_t>> inside;
    std::map<std::string, std::string> with;
    for (const Change& change : difference.changes)
        if (!change.with.empty()) with.emplace(change.type + " " + change.name, change.with);
    for (const Change& change : difference.changes) {
        std::string top = change.with;
        if (top.empty()) continue;
        for (auto up = with.find(top); up != with.end(); up = with.find(top)) top = up->second;
        ++inside[top][change.type];
    }
    std::vector<std::string> texts;
    for (const Change& change : difference.changes) {
        if (change.with.empty())
            texts.push_back(line_of(change, inside[change.type + " " + change.name]));
    }
    if (!difference.not_compared.empty()) texts.push_back(not_compared(difference));
    return texts;
}

std::string summary(const Difference& difference) {
    std::map<std::pair<std::string, std::string>, std::size_t> counts;
    for (const Change& change : difference.changes) {
        if (change.with.empty()) ++counts[{change.type, std::string(name_of(change.kind))}];
    }
    std::string text;
    for (const auto& [what, count] : counts)
        text += (text.empty() ? "" : ", ") + counted(count, what.first) + " " + what.second;
    if (difference.how() == Difference::Class::Clean) text = "as before";
    if (difference.how() == Difference::Class::OrderOnly)
        text = "only the order of columns differs";
    const std::string rest = not_compared(difference);
    return rest.empty() ? text : text + "; " + rest;
}

std::string text_of(const std::string& type, const std::string& name, const Value::Map& facts) {
    // What a person would write first; the rest follows by name.
    constexpr std::array<std::string_view, 3> kBare{"columns", "type", "definition"};
    constexpr std::array<std::string_view, 2> kUnsaid{"owner", "columns"};
    std::string text = type + " " + name;
    for (const std::string_view fact : kBare) {
        const auto found = facts.find(fact);
        if (found == facts.end()) continue;
        const std::string said = on_one_line(written(found->second));
        // A definition that is a whole statement says by itself what it defines.
        const bool statement = said.starts_with("CREATE ") || said.starts_with("create ");
        if (fact == "definition" && statement)
            text = said;
        else
            text += fact == kColumns ? " (" + said + ")" : " " + said;
    }
    for (const auto& [fact, value] : facts) {
        if (std::ranges::find(kBare, fact) != kBare.end()) continue;
        if (std::ranges::find(kUnsaid, fact) != kUnsaid.end()) continue;
        const std::string said = on_one_line(written(value));
        text += " " + fact + (said == "yes" ? "" : " " + said);
    }
    return text;
}

Value to_value(const Change& change) {
    Value::List facts;
    for (const FactChange& one : change.facts) {
        Value::Map fact{{"fact", one.fact}};
        if (!one.before.empty()) fact.emplace("before", one.before);
        if (!one.after.empty()) fact.emplace("after", one.after);
        facts.emplace_back(std::move(fact));
    }
    Value::Map map{{"change", name_of(change.kind)},
                   {"type", change.type},
                   {"name", change.name},
                   {"facts", std::move(facts)}};
    if (!change.with.empty()) map.emplace("with", change.with);
    return map;
}

}  // namespace drydock::schema
