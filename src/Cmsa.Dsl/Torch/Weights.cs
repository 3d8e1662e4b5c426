using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>Weights of compiled models in files: .safetensors are read and written, PyTorch's .pth are read.</summary>
public static class Weights
{
    private static ReadOnlySpan<byte> Zip => "PK\x03\x04"u8;

    /// <summary>What to do about a file that is cut off or damaged.</summary>
    internal const string CopyAgain = "copy the file again";

    /// <summary>
    /// The tensors of a file: .safetensors, or what PyTorch saved (.pth of 1.6 or newer, and older). The format is
    /// found by the content, not by the name. Nothing of a .pth is ever run: what is not a tensor is kept as inert
    /// data, <see cref="WeightsFile.Checkpoint"/>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="key">
    /// Where a .pth has its state dictionary: <c>net</c>, <c>model.backbone</c>, <c>0</c> in a list, <c>.</c> for the
    /// top. Dictionaries below it without tensors beside them are joined, with dots between the names. Empty where a
    /// single key holds tensors (an optimizer aside): it is found.
    /// </param>
    /// <returns>
    /// The file, to be disposed; an error where it is cut off, damaged, of another format, or holds no state dictionary
    /// or several.
    /// </returns>
    public static Either<Error, WeightsFile> Read(string path, string key = "") =>
        Guarded(path, () => Begin(path))
            .Bind(begin =>
            {
                var start = begin.AsSpan();
                if (start.StartsWith(Zip))
                    return PyTorchZip.Read(path, key);
                if (start.StartsWith(PyTorchLegacy.Magic))
                    return PyTorchLegacy.Read(path, key);
                var hasHeader = start.Length > 8 && start[8] == '{';
                if (hasHeader || path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
                    return key.Length == 0
                        ? SafeTensors.Read(path)
                        : new Error($"a .safetensors file has no key {key}", path, "give no key");
                return new Error(
                    "neither .safetensors nor a .pth of PyTorch",
                    path,
                    "save the state dictionary with torch.save or safetensors"
                );
            });

    /// <summary>
    /// Writes tensors to a .safetensors file, all or nothing: a file beside it is written to the disk and then renamed,
    /// so that a full disk or a power cut leaves the old file.
    /// </summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="metadata">Texts to write beside them.</param>
    /// <param name="open">Opens a file for writing; by default on the file system.</param>
    /// <returns>Nothing; an error where the file cannot be written.</returns>
    public static Either<Error, Unit> Write(
        string path,
        IEnumerable<(string Name, Tensor Tensor)> tensors,
        HashMap<string, string> metadata = default,
        Func<string, Stream>? open = null
    ) => SafeTensors.Write(path, tensors, metadata, open ?? Created);

    private static FileStream Created(string path) =>
        new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);

    /// <summary>SHA-256 of the elements of some tensors, as a file holds them, in hexadecimal digits.</summary>
    public static string Digest(IEnumerable<Tensor> tensors)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in tensors)
            SafeTensors.Each(tensor, bytes => digest.AppendData(bytes));
        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private static byte[] Begin(string path)
    {
        using var file = File.OpenHandle(path);
        var begin = new byte[16];
        return begin[..RandomAccess.Read(file, begin, 0)];
    }

    extension(Compiled model)
    {
        /// <summary>
        /// Writes all parameters and statistics to a .safetensors file, by path, in the module's precision. An old file
        /// is replaced, all or nothing.
        /// </summary>
        /// <param name="path">The file; its folder exists.</param>
        /// <returns>Nothing; an error where the file cannot be written.</returns>
        public Either<Error, Unit> Save(string path) =>
            Write(path, model.Tensors.Select(t => (t.Parameter.Path, t.Tensor)));

        /// <summary>
        /// Loads parameters and statistics from a file by path, in the module's precision, whatever that of the file.
        /// </summary>
        /// <param name="path">A file that <see cref="Read"/> reads.</param>
        /// <param name="strict">
        /// Whether file and model must have the same tensors: unless they do, nothing is changed. Otherwise what fits
        /// is loaded.
        /// </param>
        /// <param name="mapping">
        /// From the file's names to the model's; null for a tensor to leave out. See <see cref="Mappings"/>. PyTorch's
        /// <c>num_batches_tracked</c>, which no model of ours has, are always left out.
        /// </param>
        /// <param name="key">Where a .pth has its state dictionary; empty to find it. See <see cref="Read"/>.</param>
        /// <returns>
        /// What was loaded and what was not; an error where strict and something does not fit, where a tensor of the
        /// model has a type that is not read, or where the file cannot be read. Only a disk that fails while it is read
        /// leaves a model loaded in part.
        /// </returns>
        public Either<Error, LoadReport> Load(
            string path,
            bool strict = true,
            Func<string, string?>? mapping = null,
            string key = ""
        ) =>
            Read(path, key)
                .Bind(file =>
                {
                    using (file)
                        return model.Load(file, strict, mapping);
                });

        /// <inheritdoc cref="Load(Compiled, string, bool, Func{string, string?}, string)"/>
        /// <param name="file">An open file; it stays open.</param>
        /// <param name="strict">Whether file and model must have the same tensors.</param>
        /// <param name="mapping">From the file's names to the model's.</param>
        public Either<Error, LoadReport> Load(
            WeightsFile file,
            bool strict = true,
            Func<string, string?>? mapping = null
        )
        {
            return Compared(model.Graph, file, mapping)
                .Bind(compared =>
                    strict && !compared.Report.Fits
                        ? compared.Report.Unfit(file.Path)
                        : Guarded(
                            file.Path,
                            () =>
                            {
                                var places = model.Tensors.ToDictionary(t => t.Parameter.Path, t => t.Tensor);
                                foreach (var (stored, name) in compared.Fitting)
                                    file.CopyTo(stored.Name, places[name]);
                                model.Refresh();
                                return compared.Report;
                            }
                        )
                );
        }
    }

    extension(Graph graph)
    {
        /// <summary>What loading a file into the program, compiled, would do, without compiling it.</summary>
        /// <param name="file">An open file; it stays open.</param>
        /// <param name="mapping">From the file's names to the program's; null for a tensor to leave out.</param>
        /// <returns>
        /// What would be loaded and what would not; an error where two tensors of the file go to one place, or one of a
        /// type that is not read goes to any.
        /// </returns>
        public Either<Error, LoadReport> Compare(WeightsFile file, Func<string, string?>? mapping = null) =>
            Compared(graph, file, mapping).Map(c => c.Report);
    }

    private static Either<Error, (LoadReport Report, Many<(StoredTensor Stored, string Name)> Fitting)> Compared(
        Graph graph,
        WeightsFile file,
        Func<string, string?>? mapping
    )
    {
        var places = graph.Parameters.ToDictionary(p => p.Path, p => p.Of.Dimensions.Map(d => (long)d.Size));
        var named = file
            .Tensors.Map(t => (Stored: t, Name: mapping is null ? t.Name : mapping(t.Name)))
            .Filter(n => n.Name is not null && (places.ContainsKey(n.Name) || !IsCounter(n.Name)))
            .Map(n => (n.Stored, Name: n.Name!));
        if (named.GroupBy(n => n.Name).Where(g => g.Count() > 1).ToMany() is [var twice, ..])
        {
            var names = string.Join(" and ", twice.Select(n => n.Stored.Name));
            return new Error($"{names} both become {twice.Key}", file.Path, "mend the mapping");
        }
        var placed = named.Filter(n => places.ContainsKey(n.Name));
        if (placed.Filter(n => n.Stored.Unread.Length > 0) is [var unread, ..])
            return file.Refusal(unread.Stored);

        var fitting = placed.Filter(Fits);
        var given = placed.Map(n => n.Name).ToHashSet();
        var report = new LoadReport(
            Loaded: fitting.Map(n => n.Name),
            Missing: graph
                .Parameters.Filter(p => !given.Contains(p.Path))
                .Map(p => new NamedShape(p.Path, places[p.Path])),
            Unexpected: named
                .Filter(n => !places.ContainsKey(n.Name))
                .Map(n => new NamedShape(n.Stored.Name, n.Stored.Sizes)),
            Misshapen: placed.Filter(n => !Fits(n)).Map(n => new Misshapen(n.Name, n.Stored.Sizes, places[n.Name]))
        );
        return (report, fitting);

        bool Fits((StoredTensor Stored, string Name) of) => places[of.Name] == of.Stored.Sizes;
    }

    /// <summary>
    /// Whether a name is one of PyTorch's counters of batches (<c>num_batches_tracked</c>), which no model of ours has.
    /// </summary>
    public static bool IsCounter(string name) =>
        name == "num_batches_tracked" || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);

    /// <summary>All values, or the first thing wrong.</summary>
    internal static Either<string, Many<T>> All<T>(Many<Either<string, T>> each)
    {
        foreach (var one in each)
        {
            if (one.Case is string wrong)
                return wrong;
        }
        return each.Bind(one => one.ToSeq().ToMany());
    }

    /// <summary>Turns what the disk or the archive refuses into an error.</summary>
    internal static Either<Error, T> Guarded<T>(string path, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception refused)
            when (refused
                    is IOException
                        or UnauthorizedAccessException
                        or InvalidDataException
                        or NotSupportedException
                        or ArgumentException
                        or ExternalException
            )
        {
            return refused switch
            {
                FileNotFoundException or DirectoryNotFoundException => new Error("there is no such file", path),
                EndOfStreamException => new Error("the file ends before it is complete", path, CopyAgain),
                InvalidDataException => new Error($"the file is damaged: {First(refused)}", path, CopyAgain),
                _ => new Error(First(refused), path),
            };
        }
    }

    private static string First(Exception refused) => refused.Message.Split('\n')[0].TrimEnd('.');
}
