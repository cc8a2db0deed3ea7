// A sheet of paper to draw on. Strokes are kept in hundredths of its side, so that an address can hold them.
{
    const Side = 112, Pen = 9;

    const read = text => text.split("_").filter(stroke => stroke).map(stroke => stroke.split("-").map(point => point.split(".").map(Number)));
    const write = strokes => strokes.map(stroke => stroke.map(point => point.join(".")).join("-")).join("_");

    function paint(context, strokes, side) {
        context.fillStyle = "#fff";
        context.fillRect(0, 0, side, side);
        context.strokeStyle = "#111";
        context.lineWidth = side * Pen / 100;
        context.lineCap = context.lineJoin = "round";
        for (const stroke of strokes) {
            context.beginPath();
            for (const [x, y] of stroke) context.lineTo(x * side / 100, y * side / 100);
            if (stroke.length === 1) context.lineTo(stroke[0][0] * side / 100 + 0.1, stroke[0][1] * side / 100);
            context.stroke();
        }
    }

    window.fovea.draw = (canvas, component) => {
        // A picture in place of strokes, until something is drawn.
        let strokes = [], picture = null, current = null, isBusy = false, isStale = false;
        const small = new OffscreenCanvas(Side, Side), pixels = small.getContext("2d", { willReadFrequently: true });

        // One message at a time: the last state counts.
        async function send() {
            isStale = true;
            if (isBusy) return;
            isBusy = true;
            while (isStale) {
                isStale = false;
                paint(pixels, strokes, Side);
                const data = pixels.getImageData(0, 0, Side, Side).data;
                let grey = "";
                for (let i = 0; i < data.length; i += 4) grey += String.fromCharCode(data[i]);
                await component.invokeMethodAsync("Drawn", write(strokes), btoa(grey));
            }
            isBusy = false;
        }

        function show() {
            picture = null;
            paint(canvas.getContext("2d"), strokes, canvas.width);
            send();
        }

        const at = event => {
            const box = canvas.getBoundingClientRect();
            return [event.clientX - box.left, event.clientY - box.top].map(value => Math.min(100, Math.max(0, Math.round(100 * value / box.width))));
        };
        canvas.addEventListener("pointerdown", event => {
            canvas.setPointerCapture(event.pointerId);
            current = [at(event)];
            if (picture) strokes = [];
            strokes.push(current);
            show();
        });
        canvas.addEventListener("pointermove", event => {
            if (!current) return;
            const point = at(event), last = current[current.length - 1];
            if (Math.hypot(point[0] - last[0], point[1] - last[1]) < 2) return;
            current.push(point);
            show();
        });
        for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { current = null; });
        return {
            set: text => {
                strokes = read(text);
                show();
            },
            // A picture of grey bytes, row by row.
            show: (grey, side) => {
                const bytes = Uint8Array.from(atob(grey), letter => letter.charCodeAt(0)), image = new ImageData(side, side);
                bytes.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i));
                picture = new OffscreenCanvas(side, side);
                picture.getContext("2d").putImageData(image, 0, 0);
                const context = canvas.getContext("2d");
                context.imageSmoothingEnabled = false;
                context.drawImage(picture, 0, 0, canvas.width, canvas.height);
            },
            // The very pixels that were sent, as a file.
            save: async name => {
                const address = URL.createObjectURL(await (picture ?? small).convertToBlob({ type: "image/png" })), link = document.createElement("a");
                link.href = address;
                link.download = name;
                link.click();
                setTimeout(() => URL.revokeObjectURL(address), 1000);
            },
        };
    };
}
