import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const DEMO = "http://127.0.0.1:8080";

// The library scopes its style sheet by one id, and would put that id on every message: a class says the same.
const idsToClasses = {
  name: "slack-ids-to-classes",
  enforce: "pre" as const,
  transform(code: string, id: string) {
    return /slack-blocks-to-jsx.*\.css/.test(id) ? code.replaceAll("#slack_blocks_to_jsx", ".slack_blocks_to_jsx") : null;
  },
};

export default defineConfig({
  plugins: [idsToClasses, react()],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    modulePreload: { polyfill: false },
    rollupOptions: { output: { entryFileNames: "assets/page-[hash].js", assetFileNames: "assets/[name]-[hash][extname]" } },
  },
  // `npm run dev` beside a running `liaison demo`, which answers pages of its own address only.
  server: { proxy: { "/api": { target: DEMO, changeOrigin: true, headers: { Origin: DEMO } } } },
});
