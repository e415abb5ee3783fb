#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/secret.h"
#include "engine/value.h"

namespace drydock::config {

// Takes every known secret out of texts that will be seen or kept: logs, errors, journal bodies.
// Finds a secret as it is, in base64 and base64url at each of the three alignments, in hex, percent
// encoded, JSON escaped, and each line of one that has several. A secret of fewer than four bytes
// is not looked for: it would be found everywhere. What a program does to a secret otherwise
// (reversed, compressed, encrypted) is not recognised.
//
// One per run. add() when a secret is resolved; afterwards reading is safe from several threads.
class Redactor final {
  public:
    void add(const Secret& secret);
    [[nodiscard]] bool empty() const noexcept { return patterns_.empty(); }

    // `text` with "<secret NAME>" in the place of each secret. Linear in the text.
    [[nodiscard]] std::string redact(std::string_view text) const;
    [[nodiscard]] std::string redact(const std::string& text) const {
        return redact(std::string_view(text));
    }
    [[nodiscard]] std::string redact(const char* text) const {
        return redact(std::string_view(text));
    }
    // All texts in `value`, keys included; a Secret stays one (it prints its name only).
    [[nodiscard]] Value redact(const Value& value) const;

    // How much of the front of `text` can be redacted now, whatever comes after it: the rest may be
    // the beginning of a secret that is not complete yet.
    [[nodiscard]] std::size_t decided(std::string_view text) const;

  private:
    struct Pattern {
        std::string text;
        std::string shown;
    };
    struct Span {
        std::size_t begin;
        std::size_t end;
        const Pattern* pattern;
    };
    // The places of secrets in `text`, in order, none touching another.
    [[nodiscard]] std::vector<Span> find(std::string_view text) const;
    void add_pattern(std::string text, const std::string& shown);
    void add_encodings(const std::string& text, const std::string& shown);
    [[nodiscard]] const Pattern* match(std::string_view text, std::size_t at) const;

    std::vector<Pattern> patterns_;
    // The patterns by their first four bytes, longest first; `maybe_` answers "no" quickly.
    std::unordered_map<std::uint32_t, std::vector<std::size_t>> by_prefix_;
    std::array<std::uint64_t, 1024> maybe_{};
};

// Redacts a text that comes in pieces: a secret that is cut by the pieces is found as well. Owned
// by whoever reads the stream; not thread-safe.
class RedactingStream final {
  public:
    // `redactor` must outlive the stream.
    explicit RedactingStream(const Redactor& redactor) : redactor_(redactor) {}
    // What can be shown now, at most a secret's length behind what came in.
    [[nodiscard]] std::string push(std::string_view piece);
    // The rest, at the end of the stream.
    [[nodiscard]] std::string finish();

  private:
    const Redactor& redactor_;
    std::string held_;
};

}  // namespace drydock::config
