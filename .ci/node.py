#!/usr/bin/env python3
"""Plays the node and the gateway of a control plane that has neither, for scripts: node.py KUBECONFIG CONTROLLER FOLDER

Every pod is bound, gets an address of 10.244.0.0/16 (see `cluster netns`) and is reported Ready once it serves there. Pods of the controller are its
executable, with the arguments, the environment and the service account of their manifest. All others serve their image's name on port 8080; an image whose
tag ends in -bad answers every request with 500. Every HTTPRoute is accepted. Ends with SIGTERM; what the pods wrote is in FOLDER.
"""
import http.server, json, os, signal, subprocess, sys, threading, time, urllib.error, urllib.request

KUBECONFIG, CONTROLLER, FOLDER = sys.argv[1:4]
STRATEGIC, MERGE = "application/strategic-merge-patch+json", "application/merge-patch+json"
proxy = subprocess.Popen(["kubectl", "--kubeconfig", KUBECONFIG, "proxy", "--port=0"], stdout=subprocess.PIPE, text=True)
api = "http://" + proxy.stdout.readline().split()[-1]
pods = {}


def call(method, path, body=None, content_type="application/json"):
    request = urllib.request.Request(api + path, method=method, data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": content_type})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Shop:
    """What stands behind a pod of an application: a server in this process."""

    def __init__(self, image, ip):
        status = 500 if image.endswith("-bad") else 200

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.send_header("Content-Length", str(len(image)))
                self.end_headers()
                self.wfile.write(image.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((ip, 8080), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def is_ready(self):
        return True

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Controller:
    """What stands behind a pod of the controller: its executable."""

    def __init__(self, pod, ip):
        meta, container = pod["metadata"], pod["spec"]["containers"][0]
        account = f"/api/v1/namespaces/{meta['namespace']}/serviceaccounts/{pod['spec']['serviceAccountName']}/token"
        token = call("POST", account, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})["status"]["token"]
        config = json.loads(subprocess.check_output(["kubectl", "--kubeconfig", KUBECONFIG, "config", "view", "--raw", "--flatten", "-o", "json"]))
        config["users"] = [{"name": user["name"], "user": {"token": token}} for user in config["users"]]
        kubeconfig = os.path.join(FOLDER, f"{meta['name']}.kubeconfig")
        with open(os.open(kubeconfig, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            json.dump(config, file)
        fields = {"metadata.namespace": meta["namespace"], "metadata.name": meta["name"]}
        environment = {entry["name"]: entry.get("value", "") or fields.get(entry.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath"), "") for entry in container.get("env", [])}
        # A pod of its own would have all its addresses to itself.
        arguments = [argument.replace("--listen=:", f"--listen={ip}:") for argument in container["args"]]
        self.address = f"http://{ip}:8080/readyz"
        self.process = subprocess.Popen(
            [CONTROLLER, *arguments], stdout=open(os.path.join(FOLDER, f"{meta['name']}.log"), "w"), stderr=subprocess.STDOUT,
            env={"PATH": os.environ["PATH"], "HOME": FOLDER, "DOTNET_ROOT": os.environ.get("DOTNET_ROOT", ""), **environment, "ROLLOUT_KUBECONFIG": kubeconfig})

    def is_ready(self):
        try:
            with urllib.request.urlopen(self.address, timeout=2):
                return True
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait()


def report(pod, ready):
    container, state = pod["spec"]["containers"][0], "True" if ready else "False"
    conditions = [{"type": kind, "status": state if kind in ("Ready", "ContainersReady") else "True", "lastTransitionTime": now()} for kind in ("Initialized", "Ready", "ContainersReady", "PodScheduled")]
    running = {"name": container["name"], "image": container["image"], "imageID": "", "ready": ready, "restartCount": 0, "state": {"running": {"startedAt": now()}}}
    status = {"phase": "Running", "podIP": pod["ip"], "podIPs": [{"ip": pod["ip"]}], "hostIP": "127.0.0.1", "startTime": now(), "conditions": conditions, "containerStatuses": [running]}
    call("PATCH", f"{pod['path']}/status", {"metadata": {"uid": pod["metadata"]["uid"]}, "status": status}, STRATEGIC)
    pod["ready"] = ready


def start(pod):
    meta, number = pod["metadata"], len(pods) + 1
    pod["path"], pod["ip"], pod["ready"] = f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}", f"10.244.{1 + number // 254}.{1 + number % 254}", False
    pods[meta["uid"]] = pod
    call("POST", f"{pod['path']}/binding", {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": meta["name"], "uid": meta["uid"]}, "target": {"apiVersion": "v1", "kind": "Node", "name": "local"}})
    image = pod["spec"]["containers"][0]["image"]
    pod["behind"] = Controller(pod, pod["ip"]) if "rollout-controller" in image else Shop(image, pod["ip"])


def end(pod):
    behind = pod.pop("behind", None)
    if behind:
        behind.stop()
    call("DELETE", pod["path"], {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0, "preconditions": {"uid": pod["metadata"]["uid"]}})


def accept(route):
    meta, names = route["metadata"], route["spec"].get("parentRefs", [])
    told = [parent["conditions"][0]["observedGeneration"] for parent in route.get("status", {}).get("parents", [])]
    if told == [meta["generation"]] * len(names):
        return
    conditions = [{"type": kind, "status": "True", "reason": kind, "message": "", "observedGeneration": meta["generation"], "lastTransitionTime": now()} for kind in ("Accepted", "ResolvedRefs")]
    status = {"parents": [{"parentRef": name, "controllerName": "rollouts.dev/played-gateway", "conditions": conditions} for name in names]}
    call("PATCH", f"/apis/gateway.networking.k8s.io/v1/namespaces/{meta['namespace']}/httproutes/{meta['name']}/status", {"status": status}, MERGE)


def look():
    for pod in call("GET", "/api/v1/pods")["items"]:
        known = pods.get(pod["metadata"]["uid"])
        if pod["metadata"].get("deletionTimestamp"):
            end(known or {**pod, "path": f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"})
        elif known is None:
            start(pod)
        elif known["behind"].is_ready() != known["ready"] or not known.get("told"):
            report(known, known["behind"].is_ready())
            known["told"] = True
    for route in call("GET", "/apis/gateway.networking.k8s.io/v1/httproutes")["items"]:
        accept(route)


def stop(*_):
    for pod in pods.values():
        if "behind" in pod:
            pod["behind"].stop()
    proxy.terminate()
    sys.exit(0)


signal.signal(signal.SIGTERM, stop)
while True:
    try:
        look()
    except (urllib.error.HTTPError, KeyError) as failed:
        # Somebody changed or deleted it meanwhile; the next look sees what is there.
        print(f"{now()} {failed!r}", flush=True)
    time.sleep(0.2)
