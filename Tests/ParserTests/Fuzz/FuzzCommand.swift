import Glibc

// Fuzzes one parser of bytes from outside. Built and run by tools/fuzz, which says in the
// environment what is to be done, since the arguments are libFuzzer's:
//
//     PARSER=NAME               which parser; without it their names are listed
//     SEEDS=DIRECTORY           writes inputs that our own code makes, and ends

/// The parser that this process fuzzes. Set once, before the first input.
nonisolated(unsafe) private var chosen: Parser?

/// libFuzzer calls it first.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: OpaquePointer?, _ arguments: OpaquePointer?) -> CInt {
    func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
    guard let name = variable("PARSER") else {
        for parser in parsers { unsafe puts(parser.name) }
        exit(EX_OK)
    }
    guard let parser = parsers.first(where: { $0.name == name }) else { exit(EX_USAGE) }
    unsafe chosen = parser
    guard let folder = variable("SEEDS") else { return 0 }
    for (number, seed) in parser.seeds().enumerated() {
        guard let file = unsafe fopen("\(folder)/seed-\(number)", "w") else { exit(EX_IOERR) }
        unsafe fwrite(seed, 1, seed.count, file)
        unsafe fclose(file)
    }
    exit(EX_OK)
}

/// libFuzzer calls it for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer lends the bytes for this call.
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    unsafe chosen?.parse(input)
    return 0
}
