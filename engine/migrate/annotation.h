#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/migrate/script.h"

// Lines by which sql-migrate, goose and dbmate mark the parts of a file: `-- +goose Up`. Of this
// room alone.
namespace drydock::migrate {

struct Annotation {
    std::size_t begin = 0;   // of its line
    std::size_t mark = 0;    // of the marker in it
    std::size_t end = 0;     // of the next line
    std::string_view words;  // behind the marker: "Up notransaction"
    bool indented = false;   // which its tool does not see
    bool spaced = false;     // exactly one blank between -- and the marker
};

// Of one marker ("+migrate", "+goose", "migrate:"), in the order of the file.
[[nodiscard]] std::vector<Annotation> annotations_of(const SourceFile& file,
                                                     std::string_view marker);

// What an annotation asks for.
enum class Verb : std::uint8_t {
    Unknown, Up, Down, BlockBegin, BlockEnd, NoTransaction, VariablesOn, VariablesOff
};
struct Request {
    Verb verb = Verb::Unknown;
    bool no_transaction = false;  // of Up and Down: `notransaction`, `transaction:false`
};

// How one tool marks its files. All views are constants.
struct Marking {
    std::string_view tool;
    std::string_view marker;  // as in an annotation: "+goose"
    std::string_view up;      // the line, for hints: "-- +goose Up"
    std::string_view down;
    std::string_view known;   // all that it knows, for hints
    bool cuts_lines = false;      // it ends a statement at a line that ends with a semicolon
    bool up_comes_first = false;
};

// The .sql files of the folder that have an annotation of `marker`, and could be read.
[[nodiscard]] std::vector<std::string> annotated_files(Reading& reading, std::string_view marker);

// The migration in such a file, without its name and version. What is wrong with it is told.
[[nodiscard]] Migration read_annotated(Reading& reading, const std::string& name,
                                       const Marking& marking,
                                       Request (*request_of)(const Annotation&));

}  // namespace drydock::migrate
