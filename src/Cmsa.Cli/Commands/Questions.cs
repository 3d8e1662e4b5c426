using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>What <c>cmsa predict</c> is asked: pictures, expressions, and where the answers go.</summary>
/// <param name="Pictures">The pictures' files, each with the name that its answers begin with.</param>
/// <param name="Expressions">The expressions, each asked of every picture.</param>
/// <param name="Output">The file of the one mask, or the folder of all.</param>
/// <param name="IsOne">
/// Whether one expression is asked of one picture, so that <paramref name="Output"/> is a file.
/// </param>
internal sealed record Questions(
    Many<(string File, string Name)> Pictures,
    Many<string> Expressions,
    string Output,
    bool IsOne
)
{
    private static readonly Many<string> endings = [".jpg", ".jpeg", ".png"];

    /// <summary>What a command line asks.</summary>
    /// <param name="photo">A picture, or a folder of pictures.</param>
    /// <param name="expressions">The expressions on the command line.</param>
    /// <param name="file">A file of expressions, one a line, if one was given; blank lines are left out.</param>
    /// <param name="output">A PNG file for one answer, otherwise a folder.</param>
    public static Either<Error, Questions> Of(
        string photo,
        Many<string> expressions,
        LanguageExt.Option<string> file,
        string output
    ) =>
        from pictures in PicturesOf(photo)
        from lines in file.Match(LinesOf, () => Right<Error, Many<string>>([]))
        let all = expressions + lines
        from some in all.IsEmpty
            ? new Error("no expression is given", "EXPRESSION", "write what to find, or give a file with --file")
            : Right<Error, Unit>(unit)
        let isOne = all.Count == 1 && file.IsNone && !Directory.Exists(photo)
        from written in isOne ? Asked.PngPath(output) : FolderOf(output)
        select new Questions(pictures, all, written, isOne);

    /// <summary>The file of the mask of an expression of a picture.</summary>
    /// <param name="name">The name of the picture's answers.</param>
    /// <param name="number">The number of the expression, from 1.</param>
    public string MaskFile(string name, int number) =>
        IsOne ? Output : Path.Combine(Output, FormattableString.Invariant($"{name}-{number}.png"));

    private static Either<Error, Many<string>> LinesOf(string file) =>
        Files
            .Read(file)
            .Map(text => text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).ToMany())
            .Bind(lines =>
                lines.IsEmpty
                    ? new Error("no expression is in the file", file, "write one a line")
                    : Right<Error, Many<string>>(lines)
            );

    private static Either<Error, Many<(string File, string Name)>> PicturesOf(string photo)
    {
        if (!Directory.Exists(photo))
            return (Many<(string, string)>)[(photo, Path.GetFileNameWithoutExtension(photo))];
        Many<string> files =
        [
            .. Directory
                .EnumerateFiles(photo)
                .Where(file => endings.Contains(Path.GetExtension(file).ToLowerInvariant()))
                .Order(StringComparer.Ordinal),
        ];
        return files.IsEmpty
            ? new Error("there is no picture in the folder", photo, "pictures are .jpg, .jpeg and .png files")
            : files.Map(file => (file, NameOf(file, files)));
    }

    // a.jpg and a.png must not write the same files. Letter case does not tell files apart everywhere.
    private static string NameOf(string file, Many<string> all)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var same = all.Filter(f =>
            Path.GetFileNameWithoutExtension(f).Equals(name, StringComparison.OrdinalIgnoreCase)
        );
        return same.Count == 1 ? name : Path.GetFileName(file);
    }

    private static Either<Error, string> FolderOf(string output)
    {
        if (File.Exists(output) || Path.GetExtension(output).Equals(".png", StringComparison.OrdinalIgnoreCase))
            return new Error("several masks go into a folder", output, "give a folder with -o");
        return output.Length == 0
            ? new Error("no folder is named", "--output", "give the folder of the masks")
            : output;
    }
}
