#include "engine/sqlite/statement.h"

#include <sqlite3.h>

#include <string>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/sqlite/errors.h"

namespace drydock::sqlite {
namespace {

// Bytes that SQLite may keep as TEXT without surprises: well-formed UTF-8 (RFC 3629) without NUL.
bool is_plain_text(std::string_view bytes) {
    const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
    const unsigned char* const end = at + bytes.size();
    while (at < end) {
        const unsigned lead = *at++;
        if (lead == 0) return false;
        if (lead < 0x80) continue;
        const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        if (lead < 0xc2 || lead > 0xf4 || end - at < more) return false;
        const unsigned second = *at;
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
            (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) {
            return false;
        }
        for (int i = 0; i < more; ++i, ++at) {
            if ((*at & 0xc0) != 0x80) return false;
        }
    }
    return true;
}

// 2026-11-21 02:00:00[.micros]: as CURRENT_TIMESTAMP, so that columns filled by it compare.
std::string sqlite_time(Timestamp time) {
    std::string text = to_text(time);
    text[10] = ' ';
    text.pop_back();
    return text;
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

void Statement::check_bound(int result, int parameter) const {
    if (result == SQLITE_OK) return;
    CHECK(result != SQLITE_MISUSE && result != SQLITE_RANGE);
    throw last_error(sqlite3_db_handle(handle_.get()), result,
                     "binding parameter " + std::to_string(parameter));
}

Statement& Statement::bind(int parameter, std::int64_t number) {
    check_bound(sqlite3_bind_int64(handle_.get(), parameter, number), parameter);
    return *this;
}

Statement& Statement::bind(int parameter, double number) {
    check_bound(sqlite3_bind_double(handle_.get(), parameter, number), parameter);
    return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
    const char* bytes = text.data() == nullptr ? "" : text.data();
    check_bound(sqlite3_bind_text64(handle_.get(), parameter, bytes, text.size(), SQLITE_TRANSIENT,
                                    SQLITE_UTF8),
                parameter);
    return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
    const char* data = bytes.data() == nullptr ? "" : bytes.data();
    check_bound(sqlite3_bind_blob64(handle_.get(), parameter, data, bytes.size(), SQLITE_TRANSIENT),
                parameter);
    return *this;
}

Statement& Statement::bind_null(int parameter) {
    check_bound(sqlite3_bind_null(handle_.get(), parameter), parameter);
    return *this;
}

Statement& Statement::bind(int parameter, const Value& value) {
    if (value.is_null()) return bind_null(parameter);
    if (const auto* flag = value.find<bool>()) return bind(parameter, std::int64_t{*flag});
    if (const auto* number = value.find<std::int64_t>()) return bind(parameter, *number);
    if (const auto* number = value.find<double>()) return bind(parameter, *number);
    if (const auto* size = value.find<Size>()) return bind(parameter, size->bytes);
    if (const auto* time = value.find<Timestamp>()) {
        return bind(parameter, std::string_view(sqlite_time(*time)));
    }
    if (const auto* duration = value.find<Duration>()) {
        const std::int64_t micros = duration->length.count();
        if (micros % 1'000'000 == 0) return bind(parameter, micros / 1'000'000);
        return bind(parameter, static_cast<double>(micros) / 1e6);
    }
    if (const auto* text = value.find<std::string>()) {
        const std::string_view bytes = *text;
        return is_plain_text(bytes) ? bind(parameter, bytes) : bind_blob(parameter, bytes);
    }
    if (value.holds<Secret>()) {
        throw Error(ErrorCode::Lua, "a secret may not go into SQL",
                    "keep it out of the statement's values");
    }
    throw Error(ErrorCode::Lua, "a " + std::string(value.kind()) + " is no value for SQL",
                "give one value per parameter, or json.encode it");
}

int Statement::parameter_count() const { return sqlite3_bind_parameter_count(handle_.get()); }

std::string_view Statement::parameter_name(int parameter) const {
    const char* name = sqlite3_bind_parameter_name(handle_.get(), parameter);
    return name == nullptr ? std::string_view() : std::string_view(name);
}

bool Statement::step() {
    const int result = sqlite3_step(handle_.get());
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    CHECK(result != SQLITE_MISUSE);
    const Error error = last_error(sqlite3_db_handle(handle_.get()), result, {});
    reset();
    throw error;
}

void Statement::run() {
    while (step()) {
    }
    reset();
}

void Statement::reset() noexcept { sqlite3_reset(handle_.get()); }

int Statement::column_count() const { return sqlite3_column_count(handle_.get()); }

std::string_view Statement::column_name(int column) const {
    const char* name = sqlite3_column_name(handle_.get(), column);
    return name == nullptr ? std::string_view() : std::string_view(name);
}

ColumnType Statement::column_type(int column) const {
    switch (sqlite3_column_type(handle_.get(), column)) {
        case SQLITE_INTEGER: return ColumnType::Integer;
        case SQLITE_FLOAT: return ColumnType::Real;
        case SQLITE_TEXT: return ColumnType::Text;
        case SQLITE_BLOB: return ColumnType::Blob;
        default: return ColumnType::Null;
    }
}

std::int64_t Statement::column_int(int column) const {
    return sqlite3_column_int64(handle_.get(), column);
}

double Statement::column_real(int column) const {
    return sqlite3_column_double(handle_.get(), column);
}

std::string_view Statement::column_text(int column) const {
    const auto* text = sqlite3_column_text(handle_.get(), column);
    if (text == nullptr) return {};
    return {reinterpret_cast<const char*>(text),
            static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

std::string_view Statement::column_blob(int column) const {
    const void* bytes = sqlite3_column_blob(handle_.get(), column);
    if (bytes == nullptr) return {};
    return {static_cast<const char*>(bytes),
            static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

Value Statement::column(int column) const {
    switch (column_type(column)) {
        case ColumnType::Integer: return column_int(column);
        case ColumnType::Real: return column_real(column);
        case ColumnType::Text: return column_text(column);
        case ColumnType::Blob: return column_blob(column);
        case ColumnType::Null: break;
    }
    return {};
}

bool Statement::changes_nothing() const { return sqlite3_stmt_readonly(handle_.get()) != 0; }

}  // namespace drydock::sqlite
