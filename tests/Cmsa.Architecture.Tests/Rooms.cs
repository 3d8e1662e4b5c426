using ArchUnitNET.Domain;

namespace Cmsa.Architecture.Tests;

/// <summary>A room of the house: the types of a namespace, and the rooms that they may use.</summary>
/// <param name="Name">Its name: the namespace without <c>Cmsa.</c>.</param>
/// <param name="Purpose">What it holds, in a few words.</param>
/// <param name="Uses">The rooms that its types may use; each is declared before it.</param>
internal sealed record Room(string Name, string Purpose, params string[] Uses);

/// <summary>
/// The arrows of the house, declared once: the tests hold the assemblies to them, and docs/architecture.md draws them.
/// </summary>
internal static class Rooms
{
    private static readonly string[] language = ["Base", "Dsl.Graphs", "Dsl.Language", "Dsl.Layers"];
    private static readonly string[] compiler = [.. language, "Dsl.Readings", "Dsl.Rewriting", "Dsl.Torch"];
    private static readonly string[] models = ["Models", "Models.Tables", "Models.Zoo", "Models.Catalogues"];
    private static readonly string[] experiments = [.. compiler, "Data", "Models", "Experiments", "Experiments.Specs"];

    /// <summary>All rooms, each after those that it uses.</summary>
    public static IReadOnlyList<Room> All { get; } =
    [
        new("Base", "lists, axes, shapes, errors"),
        new("Pickle", "Python's pickles, read as data", "Base"),
        new("Dsl.Graphs", "tensor operations with known shapes, costs, a plan of memory", "Base"),
        new("Dsl.Language", "layers, kinds, combinators, equations, JSON, text", "Base", "Dsl.Graphs"),
        new("Dsl.Elaboration", "sizes in, a graph or every error out", "Base", "Dsl.Graphs", "Dsl.Language"),
        new("Dsl.Layers", "one file a layer, and its word", "Base", "Dsl.Graphs", "Dsl.Language"),
        new("Dsl.Rewriting", "rules with laws, the optimizer", "Base", "Dsl.Graphs"),
        new("Dsl.Torch", "the TorchSharp target, weight files", "Base", "Pickle", "Dsl.Graphs"),
        new("Dsl.Onnx", "the ONNX target", "Base", "Dsl.Graphs"),
        new("Dsl.PyTorch", "the PyTorch source target", "Base", "Dsl.Graphs"),
        new(
            "Dsl.Display",
            "table, difference, drawing, explanation",
            "Base",
            "Dsl.Graphs",
            "Dsl.Language",
            "Dsl.Elaboration",
            "Dsl.Rewriting"
        ),
        new("Dsl.Readings", "model.At, model.Compile", [.. language, "Dsl.Elaboration", "Dsl.Rewriting", "Dsl.Torch"]),
        new("Dsl.Testing", "random layers, laws to hold them to", compiler),
        new("Models", "the paper, the released graph, backbones", language),
        new("Models.Ablations", "the paper with a part replaced", [.. language, "Models"]),
        new("Models.Tables", "the paper's tables as values", [.. language, "Models", "Models.Ablations"]),
        new("Models.Zoo", "the field's networks, each a file", [.. language, "Models"]),
        new("Models.Catalogues", "models by name", [.. language, "Models", "Models.Tables", "Models.Zoo"]),
        new("Data", "pictures, expressions, masks, scenes, DenseCRF", "Base", "Pickle"),
        new("Experiments", "errors that several rooms share", "Base"),
        new(
            "Experiments.Specs",
            "an experiment as a value",
            [.. compiler, "Dsl.Onnx", "Data", "Models", "Models.Zoo", "Experiments"]
        ),
        new("Experiments.Batches", "samples as tensors", [.. experiments]),
        new("Experiments.Optimizers", "Adam, SGD, averaged weights", [.. experiments]),
        new("Experiments.Scoring", "IoU, precision, heat maps", [.. experiments, "Experiments.Batches"]),
        new(
            "Experiments.Runs",
            "the folder of a run: checkpoints, logs, scores",
            [.. experiments, "Experiments.Optimizers", "Experiments.Scoring"]
        ),
        new(
            "Experiments.Learners",
            "a model of any kinds with its data, loss and metrics",
            [.. experiments, "Experiments.Optimizers", "Experiments.Runs"]
        ),
        new(
            "Experiments.Learning",
            "the training loop",
            [
                .. experiments,
                "Experiments.Batches",
                "Experiments.Optimizers",
                "Experiments.Scoring",
                "Experiments.Runs",
                "Experiments.Learners",
            ]
        ),
        new(
            "Experiments.Reports",
            "a run as a page",
            [
                .. experiments,
                "Dsl.Display",
                "Experiments.Optimizers",
                "Experiments.Scoring",
                "Experiments.Runs",
                "Experiments.Learners",
            ]
        ),
        new(
            "Experiments.Tables",
            "the paper's tables: planned, trained, compared",
            [
                .. experiments,
                "Dsl.Display",
                "Models.Tables",
                "Experiments.Learning",
                "Experiments.Reports",
                "Experiments.Runs",
                "Experiments.Scoring",
            ]
        ),
        new(
            "Experiments.Tables.Writing",
            "text, Markdown, CSV, LaTeX, HTML",
            [.. experiments, "Models.Tables", "Experiments.Reports", "Experiments.Scoring", "Experiments.Tables"]
        ),
        new("Backbones", "weights that a restore brings", [.. experiments]),
        new(
            "Serve",
            "a model as a page in the browser",
            [.. experiments, "Experiments.Reports", "Experiments.Runs", "Experiments.Scoring"]
        ),
        new("Benchmarks.Measuring", "times, memory, the machine", "Base", "Dsl.Torch"),
        new("Benchmarks.ByHand", "the same models, written by hand", "Base", "Dsl.Graphs", "Dsl.Torch", "Models"),
        new(
            "Benchmarks",
            "workloads and trials",
            [.. compiler, "Dsl.Onnx", "Dsl.Display", "Models", "Benchmarks.ByHand", "Benchmarks.Measuring"]
        ),
        new("Benchmarks.Figures", "rows and plots", "Base", "Dsl.Display", "Benchmarks", "Benchmarks.Measuring"),
        new(
            "Cli",
            "the command",
            [
                .. experiments,
                .. models,
                "Dsl.Display",
                "Dsl.Onnx",
                "Dsl.PyTorch",
                "Backbones",
                "Experiments.Learners",
                "Experiments.Learning",
                "Experiments.Reports",
                "Experiments.Runs",
                "Experiments.Scoring",
                "Experiments.Tables",
                "Experiments.Tables.Writing",
                "Benchmarks",
                "Benchmarks.Figures",
                "Benchmarks.Measuring",
                "Serve",
            ]
        ),
    ];

    /// <summary>The room that a type is in; none for a type of another house, or for a type parameter.</summary>
    public static string? Of(IType type)
    {
        var space = type.Namespace?.FullName ?? "";
        if (type is GenericParameter || (space != "Cmsa" && !space.StartsWith("Cmsa.", StringComparison.Ordinal)))
            return null;
        if (type.FullName.StartsWith("Cmsa.Dsl.Readings", StringComparison.Ordinal))
            return "Dsl.Readings";
        var name = space switch
        {
            "Cmsa" => "Base",
            "Cmsa.Dsl" or "Cmsa.Dsl.Formulas" => "Dsl.Language",
            _ => space["Cmsa.".Length..],
        };
        // A namespace without a room of its own belongs to the one around it.
        while (All.All(room => room.Name != name) && name.Contains('.', StringComparison.Ordinal))
            name = name[..name.LastIndexOf('.')];
        return name;
    }
}
