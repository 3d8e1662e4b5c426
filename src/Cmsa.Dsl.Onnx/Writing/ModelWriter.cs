using global::Onnx;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Lowerings;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Onnx.Writing;

/// <summary>Writes a whole graph: inputs, parameters, every node by its lowering, outputs, metadata.</summary>
internal static class ModelWriter
{
    // The version of the file's format that came with opset 18.
    private const int Format = 8;

    public static DataType Real(OnnxPrecision precision) =>
        precision switch
        {
            OnnxPrecision.Float64 => DataType.Double,
            OnnxPrecision.Float16 => DataType.Float16,
            _ => DataType.Float,
        };

    public static Either<Error, ModelProto> Write(
        Graph graph,
        ParameterValues values,
        OnnxOptions options,
        IParameterStore store
    )
    {
        var outputs = Outputs.Of(graph, options.Output);
        return from sound in Problem(graph, outputs, options.Precision).Match(Left<Error, Unit>, () => Right(unit))
               from parameters in Parameters(graph, values, Real(options.Precision), store)
               select Model(graph, parameters, outputs, options);
    }

    private static Option<Error> Problem(Graph graph, Many<Outputs.Named> outputs, OnnxPrecision precision)
    {
        var nodes = Lowerings.Loops.Everything(graph);
        var misfit = nodes.Bind(n => n.Errors.Map(e => e.At(n.Path ?? "")));
        var unknown = nodes
            .Filter(n => n.Operation is not (Input or Parameter) && Lowerings.Lowerings.Of(n.Operation).IsNone)
            .Map(n => new Error(
                $"{n.Operation.GetType().Name} has no form in ONNX",
                n.Path ?? "",
                "export a model without it"
            ));
        var kept = nodes
            .Filter(n => n.Operation is Cast && precision == OnnxPrecision.Float16)
            .Map(n => new Error(
                "a layer that computes in float32, in a file of float16",
                n.Path ?? "",
                "export it in float32, or write the layer without InFloat32"
            ));
        var kernels = graph
            .Nodes.Filter(n => n.Operation is TiledConvolve && n.Operands[1].Operation is not TransformKernel)
            .Map(n => new Error(
                "tiles of kernels that TransformKernel did not make",
                n.Path ?? "",
                "optimise the graph for Processor.Gpu"
            ));
        var names = graph.Inputs.Map(i => i.Name) + outputs.Map(o => o.Name) + graph.Parameters.Map(p => p.Path);
        var twice = names
            .GroupBy(n => n)
            .Where(g => g.Count() > 1)
            .Select(g => new Error(
                $"two of inputs, outputs and parameters are called {g.Key}",
                "",
                "give the output another name"
            ));
        return (misfit + unknown + kept + kernels + twice.ToMany()).HeadOrNone();
    }

    private static Either<Error, Many<TensorProto>> Parameters(
        Graph graph,
        ParameterValues values,
        DataType type,
        IParameterStore store
    )
    {
        var written = new List<TensorProto>();
        foreach (var parameter in graph.Nodes.Choose(n => Optional(n.Operation as Parameter)).Distinct())
        {
            var added = values(parameter)
                .Bind(numbers =>
                    numbers.LongLength == parameter.Of.Count
                        ? Elements.Bytes(numbers, type).MapLeft(e => e.At(parameter.Path))
                        : new Error(
                            $"{numbers.LongLength} numbers for {parameter.Of}",
                            parameter.Path,
                            "give the numbers of this model"
                        )
                );
            if (added.Case is Error error)
                return error;
            written.Add(
                store.Add(parameter.Path, type, parameter.Of.Dimensions.Map(d => (long)d.Size), added.IfLeft([]))
            );
        }
        return written.ToMany();
    }

    private static ModelProto Model(
        Graph graph,
        Many<TensorProto> parameters,
        Many<Outputs.Named> outputs,
        OnnxOptions options
    )
    {
        var real = Real(options.Precision);
        var written = new GraphProto { Name = options.Name, DocString = options.Description };
        written.Initializer.AddRange(parameters);
        var reserved = graph.Inputs.Map(i => i.Name) + outputs.Map(o => o.Name) + parameters.Map(p => p.Name);
        var emit = Emitter.Of(written, real, reserved);
        var inputs = graph.Inputs.ToDictionary(i => i, i => Given(i, written, emit, options));

        var made = new Dictionary<Node, Value>(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes)
        {
            emit.EnterLayer(node.Path ?? "");
            made[node] = node.Operation switch
            {
                Input input => inputs[input],
                Parameter parameter => new(parameter.Path, parameter.Of.Dimensions, real),
                var operation => Lowered(operation, node, node.Operands.Map(o => made[o]), emit),
            };
        }
        emit.EnterLayer("");
        foreach (var output in outputs)
            Give(output, made[output.Node], written, emit);
        return Described(written, options);
    }

    private static Value Lowered(Operation operation, Node node, Many<Value> operands, Emitter emit)
    {
        var lower = Lowerings
            .Lowerings.Of(operation)
            .IfNone(() => throw new InvalidOperationException($"{operation} has no lowering."));
        var value = lower(node, operands, emit);
        return operation is TransformKernel || IsLaidOut(value, node.Shape)
            ? value
            : throw new InvalidOperationException(
                $"The lowering of {operation} gives {value.Dimensions} and not {node.Shape}."
            );
    }

    // A value that is the same for all samples has a batch of 1.
    private static bool IsLaidOut(Value value, Shape shape) =>
        value.Axes == shape.Axes && value.Dimensions.ForAll(d => d.Axis == Axis.Batch || d.Size == shape[d.Axis]);

    // Inputs are float32 in a float16 model as well: the caller need not know of it.
    private static Value Given(Input input, GraphProto graph, Emitter emit, OnnxOptions options)
    {
        var type = input.Element switch
        {
            ElementType.Boolean => DataType.Bool,
            ElementType.Integer => DataType.Int64,
            _ => emit.Exact,
        };
        var dimensions = input.Of.Dimensions.Map(d => d.Axis == Axis.Batch ? d with { Size = Value.Dynamic } : d);
        var value = new Value(input.Name, dimensions, type);
        var info = Emitter.Info(value);
        info.DocString = Descriptions.Of(input, options.Descriptions.Find(input.Name));
        graph.Input.Add(info);
        if (input.Of.Has(Axis.Batch))
            emit.BatchOf(value);
        return type == DataType.Float && emit.Real == DataType.Float16 ? emit.Cast(value, emit.Real) : value;
    }

    private static void Give(Outputs.Named output, Value value, GraphProto graph, Emitter emit)
    {
        var type = value.Type == DataType.Float16 ? DataType.Float : value.Type;
        // What is the same for all samples is repeated for each.
        var batched =
            graph.Input.Count == 0
                ? value.Dimensions
                : value.Dimensions.Map(d => d.Axis == Axis.Batch ? d with { Size = Value.Dynamic } : d);
        var whole = emit.Cast(emit.Expand(value, batched), type);
        emit.Add("Identity", emit.Fresh("result"), [whole], [output.Name], []);
        var info = Emitter.Info(whole with { Name = output.Name });
        info.DocString = output.Description;
        graph.Output.Add(info);
    }

    private static ModelProto Described(GraphProto graph, OnnxOptions options)
    {
        var model = new ModelProto
        {
            IrVersion = Format,
            ProducerName = "Cmsa.Dsl",
            ProducerVersion = typeof(ModelWriter).Assembly.GetName().Version?.ToString(3) ?? "",
            DocString = options.Description,
            Graph = graph,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OnnxExport.Opset });
        model.MetadataProps.AddRange(
            options
                .Metadata.Map(m => new StringStringEntryProto { Key = m.Key, Value = m.Value })
                .OrderBy(m => m.Key, StringComparer.Ordinal)
        );
        return model;
    }
}
