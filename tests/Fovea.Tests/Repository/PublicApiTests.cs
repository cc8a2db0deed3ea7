using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Fovea.Tests.Repository;

/// <summary>What others can build on is written down in PublicApi.txt, so that no change of it passes unseen.</summary>
public class PublicApiTests
{
    private const string File = "tests/Fovea.Tests/Repository/PublicApi.txt";

    [Fact]
    public void The_public_api_is_the_approved_one()
    {
        string actual = Describe(typeof(Network).Assembly), path = Path.Combine(Source.Root, File);
        if (Environment.GetEnvironmentVariable("UPDATE") == "1") System.IO.File.WriteAllText(path, actual);
        string[] approved = Source.Read(File).ReplaceLineEndings("\n").Split('\n'), now = actual.Split('\n');
        string difference = string.Join('\n', approved.Except(now).Select(line => "- " + line).Concat(now.Except(approved).Select(line => "+ " + line)));
        Assert.True(approved.SequenceEqual(now), $"The public API is not that of {File}; run the tests with UPDATE=1 where it is meant to change:\n{difference}");
    }

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            if (text.Length > 0) text.Append('\n');
            text.Append(Kind(type)).Append(' ').Append(Name(type)).Append(Bases(type)).Append('\n');
            IEnumerable<string> members = type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(member => member.GetCustomAttribute<CompilerGeneratedAttribute>() is null && !IsOfEveryRecord(type, member)).Select(Signature).OfType<string>();
            foreach (string member in members.Order(StringComparer.Ordinal)) text.Append("    ").Append(member).Append('\n');
        }
        return text.ToString();
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => IsRecord(type) ? "record struct" : "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        _ => (type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + (IsRecord(type) ? "record" : "class"),
    };

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Instance) is not null;

    private static string Bases(Type type) => type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum) ? " : " + Name(parent) : "";

    // What the compiler writes for a record, but for the positional properties, which are marked as written by it too.
    private static bool IsOfEveryRecord(Type type, MemberInfo member) =>
        IsRecord(type) && member.Name is "EqualityContract" or "GetHashCode" or "Equals" or "ToString" or "PrintMembers" or "<Clone>$";

    private static string? Signature(MemberInfo member) => member switch
    {
        FieldInfo { IsPublic: true, IsSpecialName: false } field => $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}",
        PropertyInfo property when Visible(property.GetMethod) =>
            $"{Modifiers(property.GetMethod!)}{Name(property.PropertyType)} {(property.GetIndexParameters().Length > 0 ? $"this[{Parameters(property.GetIndexParameters())}]" : property.Name)} {{ get; {Setter(property)}}}",
        ConstructorInfo constructor when Visible(constructor) => $"{Name(constructor.DeclaringType!)}({Parameters(constructor.GetParameters())})",
        MethodInfo method when Visible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) =>
            $"{Modifiers(method)}{Name(method.ReturnType)} {method.Name}({Parameters(method.GetParameters())})",
        _ => null,
    };

    private static bool Visible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static string Setter(PropertyInfo property) => !Visible(property.SetMethod) ? ""
        : property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init; " : "set; ";

    private static string Modifiers(MethodBase method) => method switch
    {
        { IsStatic: true } => "static ",
        { IsAbstract: true } => "abstract ",
        { IsVirtual: true, IsFinal: false } when (method.Attributes & MethodAttributes.NewSlot) != 0 => "virtual ",
        { IsVirtual: true } when (method.Attributes & MethodAttributes.NewSlot) == 0 => "override ",
        _ => "",
    };

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(parameter =>
        $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? $" = {Value(parameter.RawDefaultValue)}" : "")}"));

    private static string Value(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}"),
    };

    private static string Name(Type type)
    {
        if (type.IsByRef) return "ref " + Name(type.GetElementType()!);
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } value) return Name(value) + "?";
        string name = type switch
        {
            _ when type == typeof(void) => "void",
            _ when type == typeof(int) => "int",
            _ when type == typeof(long) => "long",
            _ when type == typeof(ulong) => "ulong",
            _ when type == typeof(float) => "float",
            _ when type == typeof(double) => "double",
            _ when type == typeof(bool) => "bool",
            _ when type == typeof(byte) => "byte",
            _ when type == typeof(string) => "string",
            _ when type == typeof(object) => "object",
            _ => type.Name.Split('`')[0],
        };
        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : name;
    }
}
