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

    /// <summary>
    /// The tensors of a file: .safetensors, or a state dictionary that PyTorch saved (.pth of 1.6 or newer, and older),
    /// alone or under <c>state_dict</c>, <c>model_state_dict</c> or <c>model</c>. The format is told by the content,
    /// not by the name. Nothing of a .pth is ever run: one that holds more than tensors, numbers, text and containers
    /// of these is refused.
    /// </summary>
    /// <returns>
    /// The file, to be disposed; unusable where it is cut off, damaged, of another format or refused.
    /// </returns>
    public static Either<Error, WeightsFile> Read(string path) =>
        Guarded(path, () => Begin(path))
            .Bind(begin =>
                begin.AsSpan().StartsWith(Zip) ? PyTorchZip.Read(path)
                : begin.AsSpan().StartsWith(PyTorchLegacy.Magic) ? PyTorchLegacy.Read(path)
                : begin is [_, _, _, _, _, _, _, _, (byte)'{', ..]
                || path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)
                    ? SafeTensors.Read(path)
                : new Error(
                    "neither .safetensors nor a .pth of PyTorch",
                    path,
                    "save the state dictionary with torch.save or safetensors"
                )
            );

    /// <summary>
    /// Writes tensors to a .safetensors file, which appears as a whole or not at all: it is written beside, down to the
    /// disk, and then put in its place, so that a full disk or a power cut leaves the file that was there.
    /// </summary>
    /// <param name="path">Where to; its folder exists.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="metadata">What else the file is to say.</param>
    /// <param name="open">Opens a file for writing; the file system's own way if absent.</param>
    /// <returns>Nothing; unusable where the file cannot be written.</returns>
    public static Either<Error, Unit> Write(
        string path,
        IEnumerable<(string Name, Tensor Tensor)> tensors,
        HashMap<string, string> metadata = default,
        Func<string, Stream>? open = null
    ) =>
        SafeTensors.Write(
            path,
            tensors,
            metadata,
            open ?? (beside => new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        );

    /// <summary>
    /// SHA-256 of the elements of some tensors as they stand in a file, one after the other, in hexadecimal digits.
    /// </summary>
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
        /// Writes all parameters and statistics to a .safetensors file, by path, in the module's precision. A file that
        /// was there is replaced as a whole or not at all.
        /// </summary>
        /// <param name="path">Where to; its folder exists.</param>
        /// <returns>Nothing; unusable where the file cannot be written.</returns>
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
        /// <returns>
        /// What was loaded and what was not; unfit where strict and something does not fit, unusable where the file
        /// cannot be read, or breaks off under the reader's hands, which alone leaves a model loaded in part.
        /// </returns>
        public Either<Error, LoadReport> Load(string path, bool strict = true, Func<string, string?>? mapping = null) =>
            Read(path)
                .Bind(file =>
                {
                    using (file)
                        return model.Load(file, strict, mapping);
                });

        /// <inheritdoc cref="Load(Compiled, string, bool, Func{string, string?})"/>
        /// <param name="file">A file that is open; it stays open.</param>
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
        /// <param name="file">A file that is open; it stays open.</param>
        /// <param name="mapping">From the file's names to the program's; null for a tensor to leave out.</param>
        /// <returns>
        /// What would be loaded and what would not; unusable where two tensors of the file go to one place.
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
            return new Error(
                $"{string.Join(" and ", twice.Select(n => n.Stored.Name))} both become {twice.Key}",
                file.Path,
                "mend the mapping"
            );

        var placed = named.Filter(n => places.ContainsKey(n.Name));
        var fitting = placed.Filter(Fits);
        var names = placed.Map(n => n.Name).ToHashSet();
        return (
            new LoadReport(
                fitting.Map(n => n.Name),
                graph.Parameters.Filter(p => !names.Contains(p.Path)).Map(p => new NamedShape(p.Path, places[p.Path])),
                named.Filter(n => !places.ContainsKey(n.Name)).Map(n => new NamedShape(n.Stored.Name, n.Stored.Sizes)),
                placed.Filter(n => !Fits(n)).Map(n => new Misshapen(n.Name, n.Stored.Sizes, places[n.Name]))
            ),
            fitting
        );

        bool Fits((StoredTensor Stored, string Name) of) => places[of.Name] == of.Stored.Sizes;
    }

    /// <summary>
    /// Whether a name is that of PyTorch's counter of a batch norm's batches, which no model of ours has.
    /// </summary>
    public static bool IsCounter(string name) =>
        name == "num_batches_tracked" || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);

    /// <summary>What the disk or the archive refuses, as a value.</summary>
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
            var what = refused switch
            {
                FileNotFoundException or DirectoryNotFoundException => "there is no such file",
                EndOfStreamException => "the file ends before it is complete",
                _ => refused.Message.Split('\n')[0].TrimEnd('.'),
            };
            return new Error(what, path);
        }
    }
}
